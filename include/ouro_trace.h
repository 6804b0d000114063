/* SPDX-License-Identifier: MIT */
/*
 * ouro_trace.h - the trace file: the only contract between preload/ and
 * analyzer/, written as a specification
 *
 *   recording := a directory NAME.ouro/ that holds PID.SERIAL.trace files
 *   trace     := header gap* chunk*        one process image, one file
 *   chunk     := chunk-head record*        at a multiple of header.granule
 *
 * Every fixed-width integer is little-endian. Nothing is a pointer: addresses
 * are plain numbers that name places in a process that is gone.
 *
 * THE END OF A FILE. The process may be killed at any instruction, so a file
 * may stop anywhere, and that is normal. Chunks are reserved by one atomic add
 * and filled by one thread each: a reader walks the file granule by granule
 * from header.first_chunk; where a granule does not begin with the chunk magic
 * (reserved, never begun: zeros) it goes on with the next granule; where it
 * does, the chunk is `len` bytes long. Of a chunk, the `committed` bytes after
 * its head are good: the guest writes the bytes first and the commit word
 * after them, with release order. A chunk, or its committed part, that reaches
 * past the end of the file is cut there, and the reader says so. A record that
 * runs past the committed bytes is damage (unless the file was cut there).
 *
 * VARINTS. An unsigned integer is 1 to 9 bytes; the number of trailing zero
 * bits of the first byte, plus one, is the number of bytes n; the value is the
 * n bytes taken as a little-endian integer, shifted right by n (n <= 8). A
 * first byte of zero means: the value is the next 8 bytes, as they are (n = 9).
 * So 7 bits take one byte, 14 two, 56 eight, and no encoding is too long.
 *     0 -> 01   1 -> 03   127 -> ff   128 -> 02 02   16383 -> fe ff
 * A signed integer is zigzag-coded first: (v << 1) ^ (v >> 63).
 * (The idea of the length in the first byte's low bits: "prefix varint", LLVM
 * bitcode and WebAssembly discussions, 2015.)
 *
 * RECORDS. The first byte is the kind in its low 7 bits, and OURO_HAS_STACK
 * (0x80), which says that the event's call stack is the chunk's current stack.
 *
 *   kind < 0x40    short: fields in the order given at the kind
 *   kind >= 0x40   long: a varint with the number of bytes that follow it,
 *                  then the fields. A reader skips a long record whose kind it
 *                  does not know, and the rest of a known one that is longer
 *                  than what it reads. Kinds are added among the long ones
 *                  without a new version; a change of the bytes of a kind, or a
 *                  new short kind, raises OURO_TRACE_VERSION, and a reader
 *                  refuses a file whose version is above its own.
 *
 * Every record but STACK begins with `dt`, a varint: its stamp minus the
 * stamp of the record before it in this chunk (minus chunk.first_stamp for the
 * first one). That holds for unknown kinds too. Stamps never go down in a
 * chunk. Kinds, as numbers, are never reused.
 *
 * DECODING STATE of a chunk, all of it empty where the chunk begins, so that
 * each chunk decodes by itself:
 *   stamp   starts at chunk.first_stamp
 *   addr    the last address, starts at 0
 *   frames  numbers given to return addresses, 1, 2, ... in order of
 *           definition; never reused in a chunk
 *   strings numbers given to strings, 1, 2, ... the same way
 *   stack   the frame numbers of the current stack, outermost first
 *   cut     how many frames are missing at its outer end
 * OURO_THREAD and OURO_EPOCH empty stack, cut and frames (not strings).
 *
 * FIELDS in the lists below:
 *   dt       as above
 *   addr     a varint v; even: addr += 16 * unzigzag(v >> 1), odd: addr +=
 *            unzigzag(v >> 1). The result is the field and the new `addr`
 *   u, s     a varint, a zigzag varint
 *   str      a varint: 0 no string; 1 a new one: u length, then the bytes (no
 *            zero byte needed at the end), which gets the next number; n >= 2
 *            the string with number n - 1
 *   text     u length, then the bytes; gets no number
 *   abs      u, an address as it is (long records do not touch `addr`)
 *   byte     one byte
 *
 * ORDER. Stamps are one total order over all events of a process, from the
 * clock that header.clock names; several threads may share a stamp, and then
 * the order of chunks in the file decides. What gives up (FREE, REALLOC_BEGIN,
 * DECREF, RELEASE, UNLINK, DEAD, POOL_FREE...) is stamped before it happens,
 * what takes (allocations, REALLOC_END, NEW, INCREF, ACQUIRE, LINK...) after.
 * Two processors' clocks may disagree by a little: an event that is
 * impossible at its turn waits for the one that makes it possible, up to
 * 10 us of stamps; what stays impossible is an order conflict.
 *
 * TIME. header.start_stamp and start_ns were read together when recording
 * began, last_stamp and last_ns at the newest chunk; stamps between are
 * interpolated. In clock mode COUNTER a stamp is no time: the chunk heads'
 * `ns` date it to the chunk. While one thread alone has events, and somebody
 * ticks, a stamp may be one more than the last one instead of the clock's:
 * early by no more than what passes between two ticks, nor than 32 events take,
 * and never late. Somebody ticks: the recording has a file OURO_TICK_NAME of
 * OURO_TICK_LEN bytes, whose first four are a number that changes every
 * OURO_TICK_MS, and is 0 when there are no more ticks. Who ticks may be stopped
 * or killed, and the number then stays what it is: up to 32 events a thread may
 * be early by as long as the program did nothing. Then the clock is read again,
 * for each event as soon as some tens of milliseconds have passed.
 *
 * SNAPSHOTS. What memory held at one moment stands in chunks of their own, of
 * kind OURO_CHUNK_SNAPSHOT, with other records: see enum ouro_snap.
 *
 * FOLDING. Where OURO_MAX_SIZE limits a file, the tool may fold it while the
 * process runs (header.folder says that it stands by). It writes what is still
 * needed of complete chunks into one chunk of kind OURO_CHUNK_FOLDED, with
 * records as in chunks of events and FOLDED, FOLDED_SITE records for what it
 * left out; makes that true by the one word `sealed`; and then turns the chunks
 * that it replaces into holes (their heads last) and adds their bytes to
 * header.given_back. A folded chunk that is not sealed holds nothing. Behind
 * the committed bytes of a sealed one, at the next multiple of 8, stand
 * `reserved` times struct ouro_replaced: what lies there, if it is not a hole
 * yet, is not read. Of the chunks that are read, a folded one comes first where
 * the order of chunks decides.
 * Only events of blocks are left out, and only all of a block's or none: of one
 * that came and went between the same two moments (CHECKPOINT, SNAPSHOT, FORKED
 * records and snapshots' stamps), at an address that no protocol event spoke
 * of; and as long as there is room for that, which is not the last one that was
 * freed there. So what is alive and what is reported does not change, but that
 * a second free may be unknown instead. A moment's stamp is read after 1 is
 * added to header.moments_begun, and header.moments_told counts those that
 * stand in the file: as long as they differ only
 * what was over before is folded.
 *
 * PROCESSES. A forked child opens a file of its own at its first event and
 * names its parent's file and `fork_stamp`: what its parent recorded up to and
 * including that stamp is inherited. exec starts another file with the same
 * pid and the same `process_start`. `serial` counts the files of one pid.
 */
#ifndef OURO_TRACE_H
#define OURO_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Not text, and damaged by any transfer that rewrites line ends. */
#define OURO_TRACE_MAGIC   "\x8fOUR\r\n\x1a\n"
#define OURO_TRACE_VERSION 1

#define OURO_TICK_NAME "tick"
enum { OURO_TICK_LEN = 4096, OURO_TICK_MS = 10 };

enum ouro_clock {
    OURO_CLOCK_TSC = 1,     /* x86-64 invariant time stamp counter */
    OURO_CLOCK_CNTVCT = 2,  /* aarch64 virtual counter */
    OURO_CLOCK_COUNTER = 3, /* one atomic counter; exact, and no time */
};

enum ouro_machine {
    OURO_MACHINE_X86_64 = 62, /* ELF's numbers */
    OURO_MACHINE_AARCH64 = 183,
};

/* Why recording stopped before the process did; header.stopped. */
enum ouro_stopped {
    OURO_STOPPED_NOT = 0,
    OURO_STOPPED_SPACE = 1, /* no space left, or quota */
    OURO_STOPPED_LIMIT = 2, /* RLIMIT_FSIZE */
    OURO_STOPPED_IO = 3, /* the file system refused; errno in stopped_errno */
    OURO_STOPPED_FD = 4, /* the host closed our descriptor, reopening failed */
    OURO_STOPPED_MEMORY = 5, /* mmap refused a thread's state or a chunk */
    OURO_STOPPED_SIZE = 6,   /* OURO_MAX_SIZE was reached */
};

/*
 * The first bytes of a file, mapped and shared while the process runs. The
 * counters may still be moving in a recording that is growing.
 */
struct ouro_trace_header {
    unsigned char magic[8];
    uint32_t version;
    uint32_t header_len; /* sizeof this, or more in later versions */
    uint32_t granule; /* a power of two, >= 4096; chunks begin at multiples */
    uint32_t first_chunk; /* offset of the first granule for chunks */
    uint32_t machine;     /* enum ouro_machine */
    uint32_t pointer_size;
    uint32_t clock; /* enum ouro_clock */
    uint32_t pid;
    uint32_t serial;
    uint32_t
        parent_pid; /* forked: whose file holds what was inherited; else 0 */
    uint32_t parent_serial; /* meaningful with parent_pid */
    uint32_t os_parent;     /* getppid() at the start */
    uint64_t fork_stamp;    /* forked: the parent's stamps <= this one count */
    uint64_t process_start; /* /proc/PID/stat field 22: same for each exec */
    uint64_t realtime_ns;   /* CLOCK_REALTIME at the start */
    uint64_t start_stamp, start_ns; /* ns: CLOCK_MONOTONIC */
    uint64_t last_stamp, last_ns;
    uint64_t end;           /* bytes reserved; the next chunk begins here */
    uint64_t lost_events;   /* events that could not be recorded */
    uint64_t nested_events; /* recorded from inside our own code (signals) */
    uint64_t short_stacks;  /* ended early: libunwind was needed, not usable */
    uint64_t slow_stacks;   /* stacks that libunwind walked */
    /* By the loader for the guest itself: forwarded, not in the records. */
    uint64_t own_allocations, own_frees;
    uint32_t stopped; /* enum ouro_stopped */
    uint32_t stopped_errno;
    uint32_t flags;      /* OURO_HEADER_... */
    uint32_t snapshot;   /* control word: the tool adds 1 to ask for one */
    uint32_t answered;   /* what that was when the last one was answered: the
                            snapshot is there, or could not be taken */
    uint32_t signal;     /* makes the process look at it; 0: none does */
    uint32_t taken_up;   /* what it was when the last one was begun */
    uint32_t folder;     /* not 0: the tool folds this file, see FOLDING; it
                            changes with each attempt; who waits for room waits
                            (futex) for that */
    uint64_t given_back; /* bytes below `end` that are holes again */
    uint32_t moments_begun, moments_told;
};

enum ouro_header_flags {
    OURO_HEADER_BUFFERED = 1,  /* written through private buffers: a kill loses
                                  up to one buffer a thread */
    OURO_HEADER_NO_UNWIND = 2, /* libunwind could not be loaded */
    OURO_HEADER_MODULES_FULL = 4, /* modules came that have no record: frames
                                     in them are in no module */

    OURO_HEADER_FOLD_NOW = 16,    /* somebody waits for room */
    OURO_HEADER_NO_SNAPSHOTS = 8, /* none are taken: OURO_SNAPSHOT=none */
};

/* header.folder before the tool has come. Then it holds a lock (F_OFD_SETLK) on
   one byte of the file, and as long as it does, waiting may be of use. */
#define OURO_FOLDER_AWAITED 1
#define OURO_FOLDER_LOCK    ((int64_t)1 << 61)

#define OURO_CHUNK_MAGIC 0x6b6e6843u /* "Chnk" */

enum ouro_chunk_kind {
    OURO_CHUNK_EVENTS = 1,   /* records, as here */
    OURO_CHUNK_SNAPSHOT = 2, /* a piece of a snapshot; readers skip kinds that
                                they do not know */
    OURO_CHUNK_FOLDED = 3,   /* records, and what they replace: see FOLDING */
};

/*
 * Invariants: len is a multiple of header.granule and reaches no other chunk;
 * committed <= len - sizeof this; it only grows.
 * checksum is 0 until `sealed` is 1 (the thread went on to another chunk), then
 * ouro_checksum() of the committed bytes.
 */
struct ouro_chunk {
    uint32_t magic;
    uint32_t kind;
    uint32_t len;
    uint32_t thread; /* of its first records; OURO_THREAD says who goes on */
    uint64_t first_stamp;
    uint64_t ns; /* CLOCK_MONOTONIC when the chunk was begun */
    uint64_t committed;
    uint64_t checksum;
    uint32_t sealed;
    uint32_t os_thread; /* gettid() of its first thread */
    uint64_t reserved;  /* FOLDED: how many struct ouro_replaced */
};

/* A piece of the file, [offset, offset + len), that a folded chunk replaces:
   whole chunks. */
struct ouro_replaced {
    uint64_t offset, len;
};

/*
 * Entry points that allocate, by number. The kind of an allocation is
 * OURO_ALLOC + this number.
 */
enum ouro_entry {
    OURO_ENTRY_MALLOC = 0,
    OURO_ENTRY_CALLOC = 1,
    OURO_ENTRY_REALLOC = 2,
    OURO_ENTRY_REALLOCARRAY = 3,
    OURO_ENTRY_POSIX_MEMALIGN = 4,
    OURO_ENTRY_ALIGNED_ALLOC = 5,
    OURO_ENTRY_MEMALIGN = 6,
    OURO_ENTRY_VALLOC = 7,
    OURO_ENTRY_PVALLOC = 8,
    OURO_ENTRY_NEW = 9,
    OURO_ENTRY_NEW_ARRAY = 10,
    OURO_ENTRY_NEW_NOTHROW = 11,
    OURO_ENTRY_NEW_ARRAY_NOTHROW = 12,
    OURO_ENTRY_NEW_ALIGNED = 13,
    OURO_ENTRY_NEW_ARRAY_ALIGNED = 14,
    OURO_ENTRY_NEW_ALIGNED_NOTHROW = 15,
    OURO_ENTRY_NEW_ARRAY_ALIGNED_NOTHROW = 16,
    OURO_N_ENTRIES
};

/* Their names as reports show them, by number. */
#define OURO_ENTRY_NAMES                                                       \
    "malloc", "calloc", "realloc", "reallocarray", "posix_memalign",           \
        "aligned_alloc", "memalign", "valloc", "pvalloc", "operator new",      \
        "operator new[]", "operator new(nothrow)", "operator new[](nothrow)",  \
        "operator new(align)", "operator new[](align)",                        \
        "operator new(align, nothrow)", "operator new[](align, nothrow)"

#define OURO_HAS_STACK 0x80

enum ouro_kind {
    /*
     * STACK: byte pops_pushes, [u pops], [u pushes], pushes times frame
     * The current stack changes: `pops` frames go at its inner end, then
     * `pushes` come, outermost first. pops_pushes has pops in its high and
     * pushes in its low four bits; 15 means that the number is 15 + the varint
     * that follows (pops first). frame: a varint, 0: a new return address, as
     * s against the one defined before it in this chunk (0 at first), which
     * gets the next number; n >= 1: frame number n. No dt.
     */
    OURO_STACK = 1,
    /* CUT: dt, u n: n frames go at the outer end (all, where there are
       fewer: the others were never told); cut += n. */
    OURO_CUT = 2,
    /* THREAD: dt, u thread, u os_thread: from here on this chunk is another
       thread's (the one before it has ended, or lent the chunk). */
    OURO_THREAD = 3,
    /* EPOCH: dt, u epoch: modules came or went since; frames defined from here
       on are looked up in the modules of this epoch. A chunk begins in epoch
       0 until it says otherwise. */
    OURO_EPOCH = 4,

    OURO_FREE = 5, /* dt, addr */
    /* A realloc of a block is two records of one thread, nothing of that
       thread between them: BEGIN (dt, addr of the old block), and one of END
       (dt, addr, u size), FAILED (dt: it stays as it was), FREED (dt: size 0
       and the allocator freed it). Where BEGIN is the thread's last record
       the call never returned: the block stays as it was. END_ARRAY is END for
       reallocarray. realloc(NULL, n) is OURO_ALLOC + OURO_ENTRY_REALLOC. */
    OURO_REALLOC_BEGIN = 6,
    OURO_REALLOC_END = 7,
    OURO_REALLOC_END_ARRAY = 8,
    OURO_REALLOC_FAILED = 9,
    OURO_REALLOC_FREED = 10,

    /* The protocol of ouro.h; names as there. */
    OURO_REC_NEW = 11,    /* dt, addr, str type: count 1, may hold references */
    OURO_REC_NEW_AT = 12, /* dt, addr, str type, byte flags, s count, u bytes */
    OURO_REC_TYPE = 13,   /* dt, addr, str type */
    OURO_REC_DEAD = 14,   /* dt, addr */
    OURO_REC_INCREF = 15, /* dt, addr */
    OURO_REC_DECREF = 16, /* dt, addr */
    OURO_REC_ADD = 17,    /* dt, addr, s n */
    OURO_REC_ACQUIRE = 18,    /* dt, addr, u cookie */
    OURO_REC_RELEASE = 19,    /* dt, addr, u cookie */
    OURO_REC_COUNT = 20,      /* dt, addr, s n */
    OURO_REC_LINK = 21,       /* dt, addr owner, str field, addr target */
    OURO_REC_LINK_AT = 22,    /* dt, addr owner, str field, s index (-1: none),
                                 addr slot, addr target */
    OURO_REC_UNLINK = 23,     /* dt, addr owner, str field, addr target */
    OURO_REC_UNLINK_ALL = 24, /* dt, addr owner */
    OURO_REC_WEAK = 25,       /* dt, addr owner, str field, addr target */
    OURO_REC_OWN = 26,        /* dt, addr obj, addr block */
    OURO_REC_ROOT = 27,       /* dt, str name, addr target */
    OURO_REC_UNROOT = 28,     /* dt, str name, addr target */
    OURO_REC_MOVE = 29,       /* dt, addr from, addr to */

    OURO_ALLOC = 32, /* + enum ouro_entry: dt, addr, u size. 32 .. 63 */

    /* Long records: u len first, then these. */
    OURO_PROCESS = 64, /* dt, text exe, text cwd, u argc, u n (<= argc: how many
                          follow), n times text */
    OURO_MODULE = 65,  /* dt, u epoch, u id, abs bias, abs start, abs end, text
                          build-id (raw bytes), text path: there from this epoch
                          on. bias is what the loader added to the file's
                          addresses; [start, end) what it mapped */
    OURO_UNMODULE = 66, /* dt, u epoch, u id: gone from this epoch on */
    OURO_EXITING = 67,  /* dt, s status (-1: unknown): exit handlers run; events
                           may follow until the last instruction */
    OURO_END = 68,      /* dt, byte how (enum ouro_end), s status: the process
                           asked to end; other threads may still write */
    OURO_THREAD_NAME = 69, /* dt, text */
    OURO_LOST = 70,        /* dt, u n: n events before this one are missing */
    OURO_GAP = 71,       /* dt, byte what (enum ouro_gap), text: memory came or
                            went unseen; text: where, if that is known */
    OURO_REC_LABEL = 72, /* dt, abs obj, text */
    OURO_REC_TRACK = 73, /* dt, abs obj */
    OURO_REC_UNTRACK = 74,
    OURO_REC_IMMORTAL = 75,
    OURO_REC_FINALIZER = 76,
    OURO_REC_IGNORE = 77,
    OURO_REC_CHECKPOINT = 78,   /* dt, text name */
    OURO_REC_SNAPSHOT = 79,     /* dt, text name */
    OURO_REC_COLLECT = 80,      /* dt, u generation */
    OURO_REC_THRESHOLD = 81,    /* dt, u a, u b, u c */
    OURO_REC_GC_ENABLE = 82,    /* dt */
    OURO_REC_GC_DISABLE = 83,   /* dt */
    OURO_REC_GC_FREEZE = 84,    /* dt */
    OURO_REC_GC_UNFREEZE = 85,  /* dt */
    OURO_REC_POOL_CREATE = 86,  /* dt, abs pool, abs memory, u size */
    OURO_REC_POOL_ALLOC = 87,   /* dt, abs pool, abs p, u size */
    OURO_REC_POOL_FREE = 88,    /* dt, abs pool, abs p */
    OURO_REC_POOL_RESET = 89,   /* dt, abs pool */
    OURO_REC_POOL_DESTROY = 90, /* dt, abs pool */
    OURO_SUPPRESSIONS = 91, /* dt, text: what __lsan_default_suppressions of the
                               program gave, or a piece of it: they follow on
                               each other */

    /* In folded chunks: */
    OURO_AS = 92,     /* dt, u thread, u epoch: the records that follow are this
                         thread's, frames defined from here on are looked up in that
                         epoch. Nothing is emptied: the current stack stays, whoever
                         had it */
    OURO_FOLDED = 93, /* dt, u events, u allocations, u frees, u bytes, u peak:
                         that many were left out before this record (events:
                         allocations, frees and reallocs; of reallocs one each
                         of all three); at most `peak` bytes were in use */
    OURO_FOLDED_SITE = 94,  /* dt, u allocations, u bytes: of those, with this
                               stack */
    OURO_FOLDED_PAGES = 96, /* dt, abs first, abs mask: of 64 pages of 4,096
                               bytes from there on, those whose bits are set had
                               held blocks of less than 64 KiB until then */
    /* By who forks, where folder is set: before, and after. */
    OURO_FORKED = 95, /* dt */
};

enum ouro_new_flags {
    OURO_NEW_IS_LEAF = 1, /* never holds references */
};

enum ouro_gap {
    OURO_GAP_ONCE = 0,      /* until now */
    OURO_GAP_MODULE = 1,    /* as long as the library was there, and perhaps in
                               others: it was bound to the allocator behind us */
    OURO_GAP_NAMESPACE = 2, /* the same: it is in a namespace of its own */
};

enum ouro_end {
    OURO_END_EXIT = 1,  /* exit(), or main returned; handlers have run */
    OURO_END__EXIT = 2, /* _exit or _Exit */
    OURO_END_QUICK_EXIT = 3,
    OURO_END_EXEC = 4, /* exec was called; in vain, where an event of the same
                          thread follows */
};

/*
 * SNAPSHOTS
 *
 *   snapshot := begin thread* (region words*)* end
 *
 * A snapshot is what the writable memory of the process held at one moment, the
 * stamp in `first_stamp` of its chunks; their `thread` is the number of the
 * snapshot in this file: 1, 2, ... Its chunks, in file order, hold its records
 * one after the other; no record spans two. Where END is missing the snapshot
 * was cut short and says nothing for certain: a word that is not there may have
 * been.
 *
 * A record is one byte, the kind; a varint with the number of bytes that
 * follow; the fields (as above: u, s, abs, byte, text). There is no dt and no
 * stack. A reader skips kinds that it does not know, and what a known one has
 * behind the fields that it reads.
 *
 * Only whole words (8 bytes, at a multiple of 8) are told, regions and words in
 * ascending order of addresses. A word that is not told was zero, or (mode
 * POINTERS) neither an address in a region of the snapshot or in a module, nor
 * below 2^16, or stood in memory that the allocator had back: in no block. What
 * is the guest's own is in no region.
 */
enum ouro_snap {
    /* BEGIN: byte why, byte mode, byte flags, u epoch, u os_thread that took
       it, abs malloc (the function behind ours), s tls, u tls_len, text name
       tls, tls_len: where the thread-local storage of the module that malloc is
       in lies, relative to each thread's pointer (0, 0: not known, or it is
       libc). name: of OURO_SNAPSHOT; "request N" where the tool asked, with
       what header.snapshot was; else empty. */
    OURO_SNAP_BEGIN = 1,
    /* THREAD: u thread (0: never had an event), u os_thread, byte seen, abs sp,
       abs sure, abs end, abs tp, u n, n times abs
       Words of its stack in [sure, end) are roots; those in [sp, sure) may be
       left over, and are possible ones. sp 0: nothing was seen. end 0: up to
       the end of the region. tp: the thread pointer, 0 where it is not known.
       The n values are what its registers held, as far as they were seen. */
    OURO_SNAP_THREAD = 2,
    /* REGION: abs start, u len, byte what, byte flags, text path
       A mapping that can be written, or is anonymous and can be read (it may
       have been closed after it was filled), or a piece of one. */
    OURO_SNAP_REGION = 3,
    /* WORDS: abs at, then as many as fit: u skip_class, value
       Words of the region before it. `at` is the address of the first word at
       which one may stand. skip_class is 4 * skip + class: `skip` words are not
       told, then comes one, and `at` goes behind it. value, by class:
         0  u: a number below 2^16
         1  s d: the address of the word itself + 8 * d
         2  s d: the last value of class 2 in this record (0 at first) + d
         3  8 bytes: the word as it is */
    OURO_SNAP_WORDS = 4,
    /* END: u regions, u words read, u words told, u bytes that could not be
       read, u ns that the program stood still, u ns that it took */
    OURO_SNAP_END = 5,
};

enum ouro_snap_why {
    OURO_SNAP_EXIT = 1,  /* exit(), or main returned */
    OURO_SNAP_SAID = 2,  /* OURO_SNAPSHOT */
    OURO_SNAP_ASKED = 3, /* header.snapshot */
    OURO_SNAP__EXIT = 4, /* _exit or _Exit */
    OURO_SNAP_QUICK = 5, /* quick_exit */
    OURO_SNAP_ABORT = 6, /* abort */
};

enum ouro_snap_mode {
    OURO_SNAP_POINTERS = 1, /* addresses and small numbers; the rest is left out
                               so that secrets stay in the process */
    OURO_SNAP_IMAGE = 2,    /* every word that is not zero */
};

enum ouro_snap_flags {
    OURO_SNAP_IN_PLACE = 1, /* by the process itself, and not by a copy of it */
    OURO_SNAP_UNSURE = 2,   /* the threads could not be listed: there may be
                               others */
};

/* How a thread was seen. */
enum ouro_snap_seen {
    OURO_SNAP_TAKER = 1,   /* it took the snapshot; its registers are those of
                              who called exit, or of OURO_SNAPSHOT's caller */
    OURO_SNAP_WAITED = 2,  /* it stood still at an event; all registers */
    OURO_SNAP_BLOCKED = 3, /* in a system call: sp is exact; of its registers,
                              what the kernel shows */
    OURO_SNAP_LAST = 4,    /* it ran: sp is that of its last event, less a
                              margin; no registers */
    OURO_SNAP_ENDED = 6,   /* it is no more, but its stack, up to tp and what
                              lies behind it, is still mapped: libc keeps it for
                              another thread, and what stands there is old */
    OURO_SNAP_UNSEEN = 5,  /* it ran, and never had an event: no sp */
};

enum ouro_snap_what {
    OURO_SNAP_ANONYMOUS = 1,
    OURO_SNAP_FILE = 2,   /* of a file; a module's data too */
    OURO_SNAP_HEAP = 3,   /* [heap] */
    OURO_SNAP_STACK = 4,  /* [stack] */
    OURO_SNAP_SHARED = 5, /* shared with other processes */
};

_Static_assert(sizeof(struct ouro_trace_header) == 216, "trace format");
_Static_assert(offsetof(struct ouro_trace_header, fork_stamp) == 56,
               "trace format");
_Static_assert(offsetof(struct ouro_trace_header, end) == 112, "trace format");
_Static_assert(offsetof(struct ouro_trace_header, snapshot) == 180,
               "trace format");
_Static_assert(offsetof(struct ouro_trace_header, given_back) == 200,
               "trace format");
_Static_assert(sizeof(struct ouro_replaced) == 16, "trace format");
_Static_assert(sizeof(struct ouro_chunk) == 64, "trace format");
_Static_assert(offsetof(struct ouro_chunk, committed) == 32, "trace format");
_Static_assert(OURO_N_ENTRIES <= 32, "kinds 32 to 63 are allocations");

enum {
    OURO_VARINT_MAX = 9,    /* bytes; writers keep this much slack */
    OURO_MAX_DEPTH = 4096,  /* frames of a current stack */
    OURO_MAX_STRING = 4096, /* bytes of a str or text; longer ones are cut */
};

/*
 * The checksum of `n` bytes at `p`: four lanes of 8-byte little-endian words,
 * each lane h = rotl(h ^ w, 29) * K; bytes after the last whole 32 as one more
 * group padded with zeros; the lanes and n folded the same way at the end.
 */
static inline uint64_t ouro_checksum_mix(uint64_t h, uint64_t w)
{
    h ^= w;
    return ((h << 29) | (h >> 35)) * 0x9e3779b97f4a7c15u;
}

static inline void ouro_checksum_add(uint64_t lane[4], const uint64_t w[4])
{
    for (int i = 0; i < 4; i++)
        lane[i] = ouro_checksum_mix(lane[i], w[i]);
}

static inline uint64_t ouro_checksum(const void *p, size_t n)
{
    const unsigned char *at = (const unsigned char *)p;
    uint64_t lane[4] = {1, 2, 3, 4}, w[4] = {0, 0, 0, 0};
    size_t left = n;
    for (; left >= sizeof w; left -= sizeof w, at += sizeof w) {
        __builtin_memcpy(w, at, sizeof w);
        ouro_checksum_add(lane, w);
    }
    if (left > 0) {
        uint64_t last[4] = {0, 0, 0, 0};
        __builtin_memcpy(last, at, left);
        ouro_checksum_add(lane, last);
    }
    uint64_t h = (uint64_t)n;
    for (int i = 0; i < 4; i++)
        h = ouro_checksum_mix(h, lane[i]);
    return h;
}

#endif
