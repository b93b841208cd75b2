/* What every target of `make fuzz-native` begins with.

   A target is a function that takes any bytes and must come back: bytes are read as a script, front to back,
   and where they end everything reads as 0.  What it finds wrong ends the program. */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

typedef void fuzz_target(const uint8_t *data, size_t size);

fuzz_target fuzz_datagrams, fuzz_feed, fuzz_field, fuzz_hot, fuzz_lines, fuzz_load, fuzz_moves, fuzz_pump,
    fuzz_ring, fuzz_sections;

typedef struct {
    const uint8_t *at;
    size_t left;
} fuzz_script;

#define CHECK(it) ((it) ? (void)0 : fuzz_wrong(#it, __FILE__, __LINE__))

_Noreturn static inline void fuzz_wrong(const char *it, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, it);
    abort();
}

static inline void fuzz_take(fuzz_script *from, void *to, size_t size)
{
    size_t had = size < from->left ? size : from->left;

    memset(to, 0, size);
    if (had) memcpy(to, from->at, had);
    from->at += had;
    from->left -= had;
}

static inline uint8_t fuzz_u8(fuzz_script *from)
{
    uint8_t it;

    fuzz_take(from, &it, sizeof it);
    return it;
}

static inline uint16_t fuzz_u16(fuzz_script *from)
{
    uint16_t it;

    fuzz_take(from, &it, sizeof it);
    return it;
}

static inline uint32_t fuzz_u32(fuzz_script *from)
{
    uint32_t it;

    fuzz_take(from, &it, sizeof it);
    return it;
}

static inline uint64_t fuzz_u64(fuzz_script *from)
{
    uint64_t it;

    fuzz_take(from, &it, sizeof it);
    return it;
}

/* Reads it all, so that what is not there is seen. */
static inline void fuzz_look(const uint8_t *bytes, size_t size)
{
    volatile uint8_t sum = 0;

    for (size_t i = 0; i < size; i++) sum ^= bytes[i];
    (void)sum;
}

/* So many of the script's bytes, fewer where it ends, in memory of exactly that size: reading beyond is seen.
   Free it. */
static inline uint8_t *fuzz_bytes(fuzz_script *from, uint32_t *size)
{
    uint8_t *out;

    if (*size > from->left) *size = (uint32_t)from->left;
    CHECK((out = malloc(*size ? *size : 1)));
    fuzz_take(from, out, *size);
    return out;
}

#endif
