/* What every C source here begins with. */

#ifndef BM_NATIVE_H
#define BM_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#include "core.h"

#endif
