/* lines.c: bytes that wait to be written to clients of the framed TCP stream, headers enciphered.
   A line's number is never that of an earlier one until 4096 others have had its place. */
typedef struct bm_lines bm_lines;

enum {
    BM_CIPHER_ARC4 = 1,     /* ARC4 of the key, its first 1024 bytes dropped */
    BM_CIPHER_CHAIN = 2,    /* each byte XORed with the key's next and added to the last one sent */
};

/* Freed with lines still open, the table lives until the last of them is closed: Python's collector may end
   them in any order. */
bm_lines *bm_lines_new(void);
void bm_lines_free(bm_lines *them);

/* Answers the new line's number. */
int bm_lines_open(bm_lines *them);
int bm_lines_close(bm_lines *them, uint32_t line);
int bm_lines_cipher(bm_lines *them, uint32_t line, int kind, const uint8_t *key, uint32_t size);

/* Queues one packet for many lines; answers how many took it: those that are closed are passed over. */
int bm_lines_queue(bm_lines *them, const uint32_t *lines, uint32_t count, uint32_t opcode,
                   const uint8_t *body, uint32_t size);

/* Answers how many bytes wait and points `*data` at them, good until the next call about that line. */
int bm_lines_peek(const bm_lines *them, uint32_t line, const uint8_t **data);
/* They have been written. */
int bm_lines_taken(bm_lines *them, uint32_t line);

/* Answers how many lines got something since the last call, and points `*lines` at them, in that order. */
int bm_lines_touched(bm_lines *them, const uint32_t **lines);
