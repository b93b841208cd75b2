/* The face of the crowd's C part: ten thousand clients of BMU/1 on one socket.  Read by the
   compiler and by cffi, like the headers in cffi_build/api: no #include, no macros.

   Positions are in 1/64 yard, yaws 65,536 to the turn, times CLOCK_MONOTONIC.  Functions answer
   0 or a count, or a negative errno. */

typedef struct crowd crowd;

enum {
    CROWD_CLASSES = 4,          /* by true distance: within 10, 50, 100 yards, beyond */
    CROWD_AGES = 64,            /* staleness is counted in ticks; the last: that or more */
    CROWD_MS = 512,             /* the same of times in ms, of ages in 4 ms */
    CROWD_SIZES = 1501,         /* datagrams by size in bytes */
    CROWD_BUCKETS = 24000,      /* how late the crowd was, in each 50 ms since it began */
    CROWD_MISMATCHES = 8,       /* those that are told in detail */
};

/* A client as the server has admitted it. */
typedef struct {
    uint32_t cid;
    uint8_t aead;               /* 0 AES-128-GCM, 1 ChaCha20-Poly1305 */
    uint8_t encoder;            /* 0 shared words, 1 acknowledged deltas */
    uint16_t yaw;
    uint8_t prk[32];            /* docs/bmu1.md section 1 */
    int32_t x, y, z;
    float home_x, home_y, home_radius;          /* yards: it turns back when it is farther from home */
} crowd_invitation;

/* Where a decoded position was not one that the client shown there had sent. */
typedef struct {
    uint32_t observer, shown;
    uint16_t tick;
    uint8_t form;               /* 0 near word, 1 far word, 2 ENTER, 3 acknowledged delta */
    int32_t x, y, z;            /* decoded */
    int32_t nearest_x, nearest_y, nearest_z;    /* what it sent that is nearest */
} crowd_mismatch;

/* All of it counts from the last crowd_measure(). */
typedef struct {
    uint64_t sent, sent_bytes, send_failed;
    uint64_t received, received_bytes;
    uint64_t strangers;         /* to an address that is no client's */
    uint64_t forged, malformed, replayed;
    uint64_t lost;              /* packet numbers that never came */
    uint64_t snapshots, snapshot_bytes, near_words, far_words, deltas;
    uint64_t old_words, empty_words;    /* for a slot with a newer state, or with nothing in it */
    uint64_t baseless;          /* differences to what is not known */
    uint64_t states, enters, gones, components, selves, corrections;
    uint64_t events, closes;
    uint64_t checked, mismatched;
    uint64_t acked, lost_up;    /* of what the crowd sent, by the server's acknowledgements */
    uint64_t turns, late_turns; /* 1 ms turns of sending; begun more than 50 ms late */
    uint64_t socket_drops;      /* since the socket was opened */
    uint64_t ages[4 * 64];      /* moving entities by class and age, in ticks */
    uint64_t ages_ms[4 * 512];  /* the same against the clock, when the server's has been told */
    uint64_t unseen[4], near_by[4];     /* moving entities that were not in a slot, and all */
    uint64_t delay_ms[512];     /* from when a tick was due until its datagram was here */
    uint64_t rtt_ms[512];
    uint64_t late_ms[512];      /* turns of sending, by how late they began */
    uint64_t sizes_in[1501], sizes_out[1501];
    uint16_t buckets[24000];    /* the latest turn of each 50 ms since crowd_open, ms */
    crowd_mismatch mismatches[8];
} crowd_figures;

crowd *crowd_new(uint32_t count, uint64_t seed, uint64_t first_guid);
void crowd_free(crowd *it);
int crowd_invite(crowd *it, uint32_t index, const crowd_invitation *with);

/* A socket for all; `first_address` and `server` in host order, client i has first_address + i. */
int crowd_open(crowd *it, uint32_t first_address, uint16_t port, uint32_t server, uint16_t server_port);
/* Attaches `per_second` clients a second, then keeps all of them playing, until a time. */
int crowd_run(crowd *it, int64_t until_ns, uint32_t per_second);
uint32_t crowd_attached(const crowd *it);
int64_t crowd_began_ns(const crowd *it);
/* The server's tick `tick` was due at `due_ns`, and each other 50 ms after the one before. */
void crowd_clock(crowd *it, uint16_t tick, int64_t due_ns);
/* Counts from 0, and samples from now on if `on`. */
void crowd_measure(crowd *it, int on);
const crowd_figures *crowd_read(crowd *it);

/* One client's two ends without a socket, for tests.  crowd_step: its next two inputs; answers the
   datagram's size.  crowd_take: one datagram from the server. */
int crowd_step(crowd *it, uint32_t index, int64_t now_ns, uint8_t *out);
int crowd_take(crowd *it, uint32_t index, const uint8_t *datagram, uint32_t size, int64_t now_ns);
/* The plaintext of one, as if it had been opened under this number. */
int crowd_read_plain(crowd *it, uint32_t index, uint64_t number, const uint8_t *plain, uint32_t size,
                     int64_t now_ns);
/* Samples all clients once, as crowd_run samples some of them each millisecond. */
void crowd_sample_all(crowd *it, int64_t now_ns);
/* What a client knows of a slot: guid (0: nothing), tick, x, y, z, yaw, speed, flags. */
int crowd_slot_at(const crowd *it, uint32_t index, uint32_t slot, int64_t *out);
/* Where a client is: input number, epoch, x, y, z, yaw, 1 if it moves by itself (it knows its place). */
int crowd_self(const crowd *it, uint32_t index, int64_t *out);

/* CPU ns of sending so many datagrams to as many addresses in turn, or a negative errno; another thread
   takes them away. */
int64_t bare_send(const uint16_t *sizes, uint32_t count, uint32_t first_address, uint32_t addresses);
/* CPU ns of receiving those of `count` that had room in the socket's buffer. */
int64_t bare_receive(const uint16_t *sizes, uint32_t count, uint32_t first_address, uint32_t addresses,
                     uint32_t *got);
