/* Lines against what they mean: each holds what was queued for it, headers under its own cipher, and those
   that got something are told of once. */

#include "fuzz.h"
#include "lines.h"

#define MOST 64u

typedef struct {
    uint32_t number;
    int open, touched;
    uint32_t bytes;
    int ciphered;
} line;

typedef struct {
    bm_lines *them;
    line lines[MOST];
} model;

static line *chosen(model *it, fuzz_script *script)
{
    return &it->lines[fuzz_u8(script) % MOST];
}

static void open_line(model *it, fuzz_script *script)
{
    line *place = chosen(it, script);
    int number;

    if (place->open) return;
    number = bm_lines_open(it->them);
    CHECK(number >= 0);
    for (uint32_t i = 0; i < MOST; i++) CHECK(!it->lines[i].open || it->lines[i].number != (uint32_t)number);
    *place = (line){.number = (uint32_t)number, .open = 1};
}

static void cipher(model *it, fuzz_script *script)
{
    line *place = chosen(it, script);
    int kind = fuzz_u8(script) % 4, code;
    uint32_t size = fuzz_u8(script) % 48;
    uint8_t *key = fuzz_bytes(script, &size);

    code = bm_lines_cipher(it->them, place->number, kind, key, size);
    if (!place->open) CHECK(code == BM_NO_SUCH);
    else if (!size || size > 40 || kind < 1 || kind > 2) CHECK(code == BM_OUT_OF_RANGE);
    else CHECK(code == 0);
    if (code == 0) place->ciphered = 1;
    free(key);
}

/* To many at once, some of them twice, some of them closed. */
static void queue(model *it, fuzz_script *script)
{
    uint32_t count = fuzz_u8(script) % 16, opcode = fuzz_u16(script), size = fuzz_u16(script) % 0x9000;
    uint32_t *numbers = malloc((count ? count : 1) * sizeof *numbers), all = size;
    uint8_t *body = fuzz_bytes(script, &size), which[16];
    int taken = 0, code;

    CHECK(numbers);
    if (all > 0x7ffd) size = all;           /* refused before it is read */
    for (uint32_t i = 0; i < count; i++) {
        which[i] = fuzz_u8(script) % MOST;
        numbers[i] = it->lines[which[i]].number;
    }
    code = bm_lines_queue(it->them, numbers, count, opcode, body, size);
    if (size > 0x7ffd) CHECK(code == BM_OUT_OF_RANGE);
    for (uint32_t i = 0; code >= 0 && i < count; i++) {
        line *place = &it->lines[which[i]];
        if (!place->open) continue;
        place->touched = 1;
        place->bytes += 4 + size;
        taken++;
    }
    if (code >= 0) CHECK(code == taken);
    free(numbers);
    free(body);
}

static void peek(model *it, fuzz_script *script)
{
    line *place = chosen(it, script);
    const uint8_t *data = NULL;
    int size = bm_lines_peek(it->them, place->number, &data);

    CHECK(size == (place->open ? (int)place->bytes : BM_NO_SUCH));
    if (size > 0) fuzz_look(data, (size_t)size);
    if (size >= 4 && !place->ciphered) CHECK((data[0] << 8 | data[1]) + 2 <= size);
}

static void take(model *it, fuzz_script *script)
{
    line *place = chosen(it, script);

    CHECK(bm_lines_taken(it->them, place->number) == (place->open ? 0 : BM_NO_SUCH));
    place->bytes = 0;
}

static void shut(model *it, fuzz_script *script)
{
    line *place = chosen(it, script);

    CHECK(bm_lines_close(it->them, place->number) == (place->open ? 0 : BM_NO_SUCH));
    place->open = place->touched = 0;
    place->bytes = 0;
}

static void touched(model *it)
{
    const uint32_t *numbers;
    int count = bm_lines_touched(it->them, &numbers);

    for (int i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < MOST && !(it->lines[at].open && it->lines[at].number == numbers[i])) at++;
        CHECK(at < MOST && it->lines[at].touched);
        it->lines[at].touched = 0;
    }
    for (uint32_t i = 0; i < MOST; i++) CHECK(!it->lines[i].touched);
}

static void act(model *it, uint8_t what, fuzz_script *script)
{
    if (what < 2) open_line(it, script);
    else if (what == 2) cipher(it, script);
    else if (what == 3) queue(it, script);
    else if (what == 4) peek(it, script);
    else if (what == 5) take(it, script);
    else if (what == 6) shut(it, script);
    else touched(it);
}

void fuzz_lines(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    model it = {.them = bm_lines_new()};
    int early = fuzz_u8(&script) & 1;

    CHECK(it.them);
    for (uint32_t i = 0; i < MOST; i++) it.lines[i].number = fuzz_u8(&script) & 1 ? UINT32_MAX : i;
    while (script.left) act(&it, fuzz_u8(&script) % 8, &script);
    if (early) bm_lines_free(it.them);      /* lines that are open keep it */
    for (uint32_t i = 0; i < MOST; i++)
        if (it.lines[i].open) CHECK(bm_lines_close(it.them, it.lines[i].number) == 0);
    if (!early) bm_lines_free(it.them);
}
