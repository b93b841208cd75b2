/* link*.c: the server's end of one connection of docs/bmu1.md.  No sockets and no clock: datagrams come in
   and go out as bytes, addresses are numbers the caller gives, and the time (us, from any beginning but 0) is
   an argument that never goes back.

   bm_links is what the links of one thread share; a bm_link belongs to the bm_links it was started with. */
typedef struct bm_links bm_links;
typedef struct bm_link bm_link;
typedef struct bm_tape bm_tape;

enum {
    BM_LINK_EVENT_BYTES = 65536 - 5,        /* an event's body may have at least so many bytes */
    BM_LINK_HEAD_BYTES = 3 + 10 + 16,       /* most that header, prefix and tag take of a datagram */
    BM_LINK_TUNNEL = -1,                    /* as an address (0xffffffff): the client's TCP connection */
    BM_LINK_NO_RECORD = -1,                 /* 0xffffffff: nobody asks what becomes of these sections */
    BM_LINK_NO_TICK = -1,                   /* 0xffffffff: the prefix has no tick */
};

enum {
    BM_NO_ROOM = -24,           /* too many events wait, or it does not fit */
    BM_NO_PATH = -25,           /* the client's address is not known to be its own yet */
    BM_LINK_OVER = -26,         /* closed */
};

enum bm_close_reason { BM_BYE, BM_KICKED, BM_SILENT, BM_PROTOCOL, BM_SHUTTING_DOWN, BM_REPLACED };

/* What bm_link_due asks for, added up. */
enum {
    BM_DUE_SEND = 1,            /* bm_link_seal, with sections if there are any */
    BM_DUE_CHALLENGE = 2,       /* bm_link_challenge */
    BM_DUE_OVER = 4,            /* nothing more: take it away; its end was told */
};

/* What a link knows of its path; times in us. */
typedef struct {
    uint64_t sent, received;            /* datagrams */
    uint64_t acked, lost;
    uint32_t rtt_us, jitter_us, least_us;
    uint32_t rtt_known;                 /* 1: there was a sample */
    uint32_t loss_ppm;                  /* of a million datagrams so many are lost, lately */
    uint32_t rate_bytes_per_s;          /* what may be sent */
    uint32_t mtu;
    uint32_t path, candidate;           /* addresses; see `attached` */
    uint32_t attached;                  /* 1: `path` is valid */
    uint32_t generation_out, generation_in;
} bm_link_facts;

/* What all links of the thread counted. */
typedef struct {
    uint64_t opened, refused_short, strange, replayed, forged;
    uint64_t sections, malformed;       /* read; ends of reading before the end */
    uint64_t inputs, inputs_repeated;
    uint64_t events_in, events_out, events_again;   /* parts: delivered whole, sent, sent again */
    uint64_t challenges, key_updates;
    uint64_t sealed, sealed_bytes;
    uint64_t chunks;                    /* of event memory: in use */
} bm_link_counts;

/* `token_key`: 32 random bytes, from which challenges are made; `chunk_limit`: most 256-byte chunks that
   events may take, all links together, allocated as needed.  NULL: no memory, or no ciphers. */
bm_links *bm_links_new(const uint8_t *token_key, uint32_t chunk_limit);
void bm_links_free(bm_links *links);
void bm_links_counts(const bm_links *links, bm_link_counts *counts);

/* Budgets of links started from now on, bytes a second: at first, least, most. */
int bm_links_budget(bm_links *links, uint32_t first, uint32_t floor, uint32_t ceiling);

/* New keys after so many datagrams or so long; at first what docs/bmu1.md says. */
void bm_links_updates(bm_links *links, uint32_t numbers, uint64_t update_us);

uint32_t bm_link_size(void);

/* Begin a link in memory of bm_link_size() bytes, 8-aligned, whatever they held; `mtu`: the agreed one,
   1,200 to 1,452.  0, BM_OUT_OF_RANGE or BM_BROKEN. */
int bm_link_start(bm_links *links, bm_link *link, const uint8_t *prk, uint32_t aead, uint32_t cid,
                  uint32_t mtu, uint32_t keepalive_ms, uint64_t now_us);

/* Give its events' memory back, without a word to anybody; every open record is told lost.  The memory of the
   link is the caller's again; a link of zeros may be ended, too. */
void bm_link_end(bm_links *links, bm_link *link);

/* A datagram came from the address `from`: open it in place and tell the sink what is in it.
   Answers how many sections were read, BM_SHORT, BM_STRANGE, BM_REPLAYED, BM_FORGED (the link is as it was),
   or BM_LINK_OVER (closed before; nothing is looked at).  Then ask bm_link_due what to send. */
int bm_link_open(bm_links *links, bm_link *link, uint8_t *datagram, uint32_t size, uint32_t from,
                 uint64_t now_us);

/* What time asks for, as of now: BM_DUE_, 0: nothing; then ask again, as what was sent may do for more; a
   challenge goes first.  Call it after bm_link_open and bm_link_event, and when
   bm_link_wake is reached; finds losses and silence, too, and tells the sink. */
int bm_link_due(bm_links *links, bm_link *link, uint64_t now_us);

/* When bm_link_due may next ask for something, if nothing happens; cheap.  UINT64_MAX: never. */
uint64_t bm_link_wake(const bm_link *link);

/* The address to send to: of bm_link_seal's datagrams, of bm_link_challenge's. */
uint32_t bm_link_path(const bm_link *link);
uint32_t bm_link_candidate(const bm_link *link);

/* The most bytes of sections a datagram takes now. */
uint32_t bm_link_room(const bm_link *link);

/* Make the next datagram for bm_link_path: prefix, `sections` (may be none), then pong, ping and events as
   they are due and as far as there is room.  `out` has BM_DATAGRAM_BYTES.  Without sections and record it is
   what bm_link_due asks for, which may be a close or a probe alone.
   `record`: a number the sink hears of once, as acked or lost; a link's records ascend (mod 2^32), by 1 as a
   rule (where they begin anew, what was open is told lost); or BM_LINK_NO_RECORD.  `tick`: its low 16 bits go
   into the prefix; or BM_LINK_NO_TICK.
   Answers the size; 0: it is not time for the next close; BM_NO_PATH, BM_NO_ROOM, BM_LINK_OVER: nothing was
   made and the record was told lost; BM_BROKEN: nothing was made, and the record will be told lost. */
int bm_link_seal(bm_links *links, bm_link *link, const uint8_t *sections, uint32_t size, uint32_t record,
                 uint32_t tick, uint64_t now_us, uint8_t *out);

/* Make a datagram for bm_link_candidate that asks whether the client is there.  The size; 0: not now. */
int bm_link_challenge(bm_links *links, bm_link *link, uint64_t now_us, uint8_t *out);

/* Queue an event, of at most 65,536 bytes with its opcode as varint.  Its id (0 to 65535), BM_NO_ROOM,
   BM_OUT_OF_RANGE (too long), or BM_LINK_OVER. */
int bm_link_event(bm_links *links, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size);

/* Say goodbye, three times if there is a path; the sink hears of it at once. */
void bm_link_close(bm_links *links, bm_link *link, uint32_t reason, uint64_t now_us);

void bm_link_facts_of(const bm_link *link, bm_link_facts *facts);

/* A sink that writes down what it is told, for tests: each thing `what u8 | size u32 | bytes`, numbers
   little-endian.  Grows as needed. */
enum {
    BM_TAPE_MOVE = 1,           /* a bm_move */
    BM_TAPE_ACKED = 2,          /* record u32 */
    BM_TAPE_LOST = 3,           /* record u32 */
    BM_TAPE_EVENT = 4,          /* opcode u32, body */
    BM_TAPE_ATTACHED = 5,       /* address u32 */
    BM_TAPE_MIGRATED = 6,       /* address u32 */
    BM_TAPE_CLOSED = 7,         /* reason u32 */
    BM_TAPE_RATE = 8,           /* bytes a second u32 */
    BM_TAPE_MTU = 9,            /* bytes u32 */
};
bm_tape *bm_tape_new(void);
void bm_tape_free(bm_tape *tape);
void bm_tape_attach(bm_tape *tape, bm_links *links);        /* becomes the links' sink */
uint32_t bm_tape_read(const bm_tape *tape, const uint8_t **bytes);
void bm_tape_clear(bm_tape *tape);
