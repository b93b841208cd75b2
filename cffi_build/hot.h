/* Written by emit_c.py from the records marked `hot` of opcodes/: change those, not this. */

#ifndef BM_HOT_H
#define BM_HOT_H

#include "native.h"
#include "api/hot.h"

#endif
