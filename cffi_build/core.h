/* What every subject shares.  This file and those in api/, one a subject, are
   written to be read twice: included by the C sources, and given whole to cffi's
   cdef(), in this file's name and then theirs.  So: no #include, no macros, no
   attributes.

   Every function answers a count, 0 for "done", or one of the negative codes
   that bluemarble/native turns into exceptions. */

enum {
    BM_NO_MEMORY = -1,      /* an allocation failed; throw the object away */
    BM_NO_SUCH = -2,        /* the slot holds nothing, or is not an observer */
    BM_OUT_OF_RANGE = -3,   /* a coordinate, radius, slot or limit */
    BM_FULL = -4,           /* no room now: try again, or do without */
    BM_SYSTEM = -5,         /* the system refused; the object says why */
};
