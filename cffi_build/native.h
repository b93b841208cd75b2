/* What every C source here begins with. */

#ifndef BM_NATIVE_H
#define BM_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#include "core.h"

/* Before a function whose loops gain by wider registers: it is compiled several times, and the best that the
   machine can run is taken when the module is loaded.  The results are the same.  Not under sanitizers, which
   are not ready yet when that is decided. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && __GNUC__ >= 12 \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define BM_WIDE 1               /* and what compilers do not find by themselves is written out for these */
#else
#define BM_CLONES
#define BM_WIDE 0
#endif

#endif
