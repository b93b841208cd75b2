/* The readers and writers of hot records: what is read is written again as it was, too little is refused. */

#include "fuzz.h"
#include "hot.h"

#define ROUND(name, NAME)                                                                                    \
    do {                                                                                                     \
        bm_##name it;                                                                                        \
        uint8_t *out = calloc(1, BM_##NAME##_BYTES);                                                         \
        int read = bm_##name##_read(bytes, size, &it);                                                       \
        CHECK(out && read == (size < BM_##NAME##_BYTES ? BM_OUT_OF_RANGE : (int)BM_##NAME##_BYTES));         \
        if (read > 0) {                                                                                      \
            CHECK(bm_##name##_write(&it, out, BM_##NAME##_BYTES - 1) == BM_OUT_OF_RANGE);                    \
            CHECK(bm_##name##_write(&it, out, BM_##NAME##_BYTES) == BM_##NAME##_BYTES);                      \
            CHECK(!memcmp(bytes, out, BM_##NAME##_BYTES));                                                   \
        }                                                                                                    \
        free(out);                                                                                           \
    } while (0)

void fuzz_hot(const uint8_t *data, size_t all)
{
    fuzz_script script = {data, all};
    uint32_t size = (uint32_t)all;
    uint8_t *bytes = fuzz_bytes(&script, &size);

    ROUND(newest_input, NEWEST_INPUT);
    ROUND(older_input, OLDER_INPUT);
    ROUND(move, MOVE);
    ROUND(enter_head, ENTER_HEAD);
    ROUND(oneself, ONESELF);
    ROUND(life, LIFE);
    ROUND(look_head, LOOK_HEAD);
    free(bytes);
}
