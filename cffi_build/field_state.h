/* What field_state.c and field_load.c agree on beside the structures themselves. */

#ifndef BM_FIELD_STATE_H
#define BM_FIELD_STATE_H

#define BM_STATE_MAGIC UINT32_C(0x31464d42)     /* "BMF1": the last character counts the layouts */

#endif
