/* Written by emit_c.py from the records marked `hot` of opcodes/: change those, not this. */

enum { BM_NEWEST_INPUT_BYTES = 16 };
typedef struct {
    uint16_t flags;
    uint16_t yaw;
    int32_t x;
    int32_t y;
    int32_t z;
} bm_newest_input;
int bm_newest_input_read(const uint8_t *from, uint32_t size, bm_newest_input *it);
int bm_newest_input_write(const bm_newest_input *it, uint8_t *to, uint32_t size);

enum { BM_OLDER_INPUT_BYTES = 10 };
typedef struct {
    uint16_t flags;
    uint16_t yaw;
    int16_t dx;
    int16_t dy;
    int16_t dz;
} bm_older_input;
int bm_older_input_read(const uint8_t *from, uint32_t size, bm_older_input *it);
int bm_older_input_write(const bm_older_input *it, uint8_t *to, uint32_t size);

enum { BM_MOVE_BYTES = 24 };
typedef struct {
    uint32_t cid;
    uint16_t tick;
    uint16_t flags;
    uint16_t yaw;
    uint8_t epoch;
    uint8_t reserved;
    int32_t x;
    int32_t y;
    int32_t z;
} bm_move;
int bm_move_read(const uint8_t *from, uint32_t size, bm_move *it);
int bm_move_write(const bm_move *it, uint8_t *to, uint32_t size);

enum { BM_ENTER_HEAD_BYTES = 26 };
typedef struct {
    uint64_t guid;
    uint8_t kind;
    int32_t x;
    int32_t y;
    int32_t z;
    uint8_t yaw;
    uint8_t speed;
    uint8_t flags;
    uint16_t tick;
} bm_enter_head;
int bm_enter_head_read(const uint8_t *from, uint32_t size, bm_enter_head *it);
int bm_enter_head_write(const bm_enter_head *it, uint8_t *to, uint32_t size);

enum { BM_ONESELF_BYTES = 27 };
typedef struct {
    uint8_t epoch;
    uint16_t input;
    int32_t x;
    int32_t y;
    int32_t z;
    uint16_t yaw;
    uint16_t flags;
    uint16_t run;
    uint16_t walk;
    uint16_t swim;
    uint16_t fly;
} bm_oneself;
int bm_oneself_read(const uint8_t *from, uint32_t size, bm_oneself *it);
int bm_oneself_write(const bm_oneself *it, uint8_t *to, uint32_t size);

enum { BM_LIFE_BYTES = 16 };
typedef struct {
    uint32_t health;
    uint32_t health_max;
    uint32_t power;
    uint32_t power_max;
} bm_life;
int bm_life_read(const uint8_t *from, uint32_t size, bm_life *it);
int bm_life_write(const bm_life *it, uint8_t *to, uint32_t size);

enum { BM_LOOK_HEAD_BYTES = 8 };
typedef struct {
    uint8_t level;
    uint8_t race;
    uint8_t class_;
    uint8_t gender;
    uint32_t display;
} bm_look_head;
int bm_look_head_read(const uint8_t *from, uint32_t size, bm_look_head *it);
int bm_look_head_write(const bm_look_head *it, uint8_t *to, uint32_t size);
