/* The pump, for those who push into it and read what became of that. */

#ifndef BM_PUMP_H
#define BM_PUMP_H

#include "native.h"
#include "api/pump.h"

#endif
