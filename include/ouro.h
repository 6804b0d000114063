/* SPDX-License-Identifier: MIT */
/*
 * ouro.h - what a program says about its reference counts
 *
 * Include it, write the macros where counts and references change, and run the
 * program under `ouro run`. There is no library to link. Without the guest
 * (libouro.so, preloaded) a macro is a load and a branch that is not taken;
 * with -DOURO_OFF it is nothing at all. C11 and C++17; other languages write
 * the same calls through struct ouro_hooks, below.
 *
 * THE MODEL. An object has a count, as the program keeps it. Of its counts,
 * some are held by other objects: those are edges, and LINK says which. What no
 * edge explains is held from outside: a local, a global, or somebody who forgot
 * to give it back. Count and edges are announced apart:
 *
 *     Py_INCREF(x); list->item[i] = x;    one INCREF and one LINK
 *     list->item[i] = x;                  a stolen reference: one LINK
 *
 * THE RULES
 * - NULL is ignored everywhere: as an object, an owner or a target.
 * - What gives up is announced before it happens: DECREF, RELEASE, UNLINK and
 *   DEAD before the count goes down or the block is freed (a moment later it
 *   may be another thread's object). What takes is announced after: NEW,
 *   INCREF, ACQUIRE, LINK.
 * - An object is the address that NEW got. Another address inside its block
 *   means it too, where the block holds one object. An object that was never
 *   announced is no error: its events are counted as unannounced.
 * - LINK makes one count an owned one: an anonymous one, or the one acquired
 *   with the owner as cookie. It never changes the count; nor does UNLINK.
 * - `owner` is the object, or any address inside it or inside a block that it
 *   owns. An owner in no object and no block is a root.
 * - `field` may be NULL: then the offset of `owner` in its object names it. A
 *   field is matched by its text, an index never.
 * - Strings (types, fields, names) are copied when their address is first seen
 *   and must not change or go away afterwards; string literals do neither.
 *   Text that does goes through LABEL, which copies each time.
 * - NEW, LINK, ACQUIRE, INCREF, DECREF, RELEASE and DEAD take call stacks
 *   (OURO_STACKS=alloc in the environment: allocations only).
 * - Every argument is evaluated exactly once, with the guest or without it; not
 *   at all with -DOURO_OFF, so side effects do not belong there.
 * - Every macro is an expression of type void (ACTIVE: int), for C's comma.
 * - The first macro that runs in each source file looks for the guest with
 *   dlsym (so not for the first time in a signal handler), and dlerror() has
 *   nothing to say afterwards. In a static program there is no guest. With a
 *   glibc older than 2.34, a program that is not PIE links -ldl.
 * - A macro does not belong in a C function that is `inline` and not `static`.
 *
 * FIVE STYLES
 *
 * 1. Counts behind macros, as CPython does it: the macros that everybody calls
 *    get one line each, containers say LINK where they store.
 *
 *     #define INCREF(o) ((o)->refcnt++, OURO_INCREF(o))
 *     #define DECREF(o) (OURO_DECREF(o), --(o)->refcnt ? (void)0 : dealloc(o))
 *     new_object:    o->refcnt = 1; OURO_NEW(o, type->name);
 *     dealloc:       OURO_DEAD(o); free(o);
 *     list_set_item: OURO_SET(list, "items", &list->items[i], old, new);
 *     list_resize:   list->items = realloc(...); OURO_OWN(list, list->items);
 *     debug builds:  OURO_COUNT(o, o->refcnt);
 *
 * 2. GObject-like: ref, unref, and floating references. A floating object is
 *    born with count 1; sinking it takes that count over, so it is LINK alone.
 *    Weak pointers say nothing, or WEAK to be shown.
 *
 *     instance_init: OURO_NEW(object, type_name);
 *     ref:           atomic_inc(&object->ref_count); OURO_INCREF(object);
 *     unref:         OURO_DECREF(object); if (atomic_dec_is_zero(...)) ...
 *     container_add: ref_sink(child);
 *                    OURO_LINK(container, "children", child);
 *     container_remove: OURO_UNLINK(container, "children", child);
 *                    unref(child);
 *     finalize:      OURO_DEAD(object); free(object);
 *
 * 3. Smart pointers. The pointer knows its own address and not its owner: that
 *    is enough, an owner may be any address inside its object. A pointer on the
 *    stack says the same, and is an outside reference.
 *
 *     ptr(T *p) : p_(p) { if (p) { p->count++; OURO_INCREF(p);
 *                                  OURO_LINK(this, NULL, p); } }
 *     ~ptr()            { if (p_) { OURO_UNLINK(this, NULL, p_);
 *                                   OURO_DECREF(p_); p_->release(); } }
 *     ptr(ptr &&o) : p_(o.p_) { OURO_UNLINK(&o, NULL, p_); o.p_ = nullptr;
 *                               OURO_LINK(this, NULL, p_); }
 *
 *    Counts that begin at 0 (boost, LLVM, Qt): OURO_NEW_AT(this, "T", 0, 0).
 *    A shared pointer's count lives in the control block: announce the control
 *    block as the object, and OURO_OWN(control, p) for what it points at.
 *
 * 4. An interpreter with environments: the script's own names make the report
 *    readable. Names that the script made up live as long as the interpreter
 *    (interned symbols), so they serve as fields.
 *
 *     make_closure:  OURO_NEW(c, "closure"); OURO_LABEL(c, name);
 *                    OURO_INCREF(env); OURO_LINK(c, "env", env);
 *     env_define:    OURO_LINK(env, symbol->name, value);
 *     toplevel:      OURO_ROOT("globals", env);
 *     each request:  OURO_CHECKPOINT("request");
 *     own collector: OURO_COLLECT(2) where it runs, OURO_UNTRACK(o) for what it
 *                    does not look into.
 *
 * 5. kref with get and put: each holder gives its own name, so the one that
 *    never put is known exactly.
 *
 *     kref_init:          OURO_NEW(device, "device");
 *     get(device, who):   kref_get(&device->ref); OURO_ACQUIRE(device, who);
 *     put(device, who):   OURO_RELEASE(device, who); kref_put(&device->ref);
 *     request->device = device;  OURO_LINK(request, "device", device);
 *     release callback:   OURO_DEAD(device); free(device);
 */
#ifndef OURO_H
#define OURO_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the guest does for each macro, in its object `ouro_hooks_v1`, found with
 * dlsym(RTLD_DEFAULT, "ouro_hooks_v1").
 *
 * The table only grows, at its end: a hook is there if `size` covers it, so an
 * old program meets a new guest and the other way round. No hook is NULL. A
 * hook may be called on any thread, in a signal handler, and before main; NULL
 * objects, owners and targets are ignored there too.
 */
struct ouro_hooks {
    uint32_t size;    /* bytes of the table that the guest was built with */
    uint32_t version; /* 1 */

    void (*on_new)(const void *obj, const char *type);
    void (*on_new_at)(const void *obj, const char *type, int64_t count,
                      uint64_t bytes);
    void (*on_new_leaf)(const void *obj, const char *type);
    void (*on_type)(const void *obj, const char *type);
    void (*on_label)(const void *obj, const char *text);
    void (*on_dead)(const void *obj);

    void (*on_incref)(const void *obj);
    void (*on_decref)(const void *obj);
    void (*on_add)(const void *obj, int64_t n);
    void (*on_acquire)(const void *obj, uint64_t cookie);
    void (*on_release)(const void *obj, uint64_t cookie);
    void (*on_count)(const void *obj, int64_t n);

    void (*on_link)(const void *owner, const char *field, const void *target);
    void (*on_unlink)(const void *owner, const char *field, const void *target);
    /* index -1: none */
    void (*on_link_at)(const void *owner, const char *field, int64_t index,
                       const void *slot, const void *target);
    void (*on_unlink_all)(const void *owner);
    void (*on_root)(const char *name, const void *target);
    void (*on_unroot)(const char *name, const void *target);
    void (*on_own)(const void *obj, const void *block);
    void (*on_weak)(const void *owner, const char *field, const void *target);
    void (*on_move)(const void *from, const void *to);

    void (*on_track)(const void *obj);
    void (*on_untrack)(const void *obj);
    void (*on_immortal)(const void *obj);
    void (*on_finalizer)(const void *obj);

    void (*on_checkpoint)(const char *name);
    void (*on_snapshot)(const char *name);
    void (*on_collect)(uint32_t generation);
    void (*on_gc_set_threshold)(uint32_t a, uint32_t b, uint32_t c);
    void (*on_gc_enable)(void);
    void (*on_gc_disable)(void);
    void (*on_gc_freeze)(void);
    void (*on_gc_unfreeze)(void);

    void (*on_pool_create)(const void *pool, const void *memory, uint64_t size);
    void (*on_pool_alloc)(const void *pool, const void *p, uint64_t size);
    void (*on_pool_free)(const void *pool, const void *p);
    void (*on_pool_reset)(const void *pool);
    void (*on_pool_destroy)(const void *pool);

    void (*on_ignore)(const void *p);
    void (*on_disable)(void);
    void (*on_enable)(void);
};

#ifdef __cplusplus
#define ouro_as(type, x) (static_cast<type>(x))
#else
#define ouro_as(type, x) ((type)(x))
#endif

/*
 * OURO_OFF, other compilers, other systems, no system: nothing is left, and
 * arguments are not evaluated (with OURO_OFF they still count as used).
 */
#if !defined(__GNUC__) || !defined(__linux__) || !__STDC_HOSTED__
#define ouro_do(...)    ((void)0)
#define ouro_is_there() 0
#elif defined(OURO_OFF)
#define ouro_do(...)     (0 ? __extension__({__VA_ARGS__}) : (void)0)
#define ouro_is_there()  0
#define ouro_hooks_now() (ouro_as(const struct ouro_hooks *, NULL))
#else
#include <errno.h>
#define ouro_do(...)    __extension__({__VA_ARGS__})
#define ouro_is_there() (ouro_hooks_now() != NULL)

/*
 * Weak, so that a static program, or one without -ldl, links and finds nothing;
 * under names of our own, so that <dlfcn.h> and _GNU_SOURCE do not matter. (The
 * guest's table must not be a weak reference: in a program that is not PIE the
 * linker makes it NULL for good.)
 */
#ifdef __cplusplus
extern "C" {
#endif
extern void *ouro_dlsym(void *handle, const char *name) __asm__("dlsym")
    __attribute__((__weak__, __visibility__("default")));
extern char *ouro_dlerror(void) __asm__("dlerror")
    __attribute__((__weak__, __visibility__("default")));
#ifdef __cplusplus
}
#endif

/* The guest's table; NULL: no guest; its own address: not yet looked for. */
static const void *ouro_hooks_found __attribute__((__unused__)) =
    &ouro_hooks_found;

/*
 * dlsym may allocate, and the program's malloc may be what speaks: then the
 * inner call finds nobody, rather than looking again for ever.
 */
static __attribute__((__noinline__, __unused__)) const void *ouro_hooks_find(
    void)
{
    static __thread int looking;
    const int saved = errno;
    const void *found = NULL;
    if (looking)
        return NULL;
    looking = 1;
    if (ouro_dlsym)
        found = ouro_dlsym(NULL, "ouro_hooks_v1");
    if (!found && ouro_dlerror)
        (void)ouro_dlerror();
    looking = 0;
    __atomic_store_n(&ouro_hooks_found, found, __ATOMIC_RELEASE);
    errno = saved;
    return found;
}

static inline __attribute__((__always_inline__, __unused__))
const struct ouro_hooks *
ouro_hooks_now(void)
{
    const void *found = __atomic_load_n(&ouro_hooks_found, __ATOMIC_ACQUIRE);
    if (__builtin_expect(found != NULL, 0) && found == &ouro_hooks_found)
        found = ouro_hooks_find();
    return ouro_as(const struct ouro_hooks *, found);
}

#endif

/*
 * The hook is called from the macro's own line, so that its return address is
 * the program's. The empty asm keeps the call from becoming a tail call, which
 * would take the program's function off the stack.
 */
#define ouro_call(condition, hook, arguments)                                  \
    const struct ouro_hooks *const ouro_table = ouro_hooks_now();              \
    if (__builtin_expect(ouro_table != NULL, 0) && (condition) &&              \
        ouro_hooks_reach(ouro_table, offsetof(struct ouro_hooks, hook))) {     \
        ouro_table->hook arguments;                                            \
        __asm__ volatile("");                                                  \
    }

/* Does the guest's table reach to the end of the hook at this offset? */
static inline int ouro_hooks_reach(const struct ouro_hooks *table,
                                   size_t offset)
{
    return table->size >= offset + sizeof table->on_new;
}

/* Any pointer or number as a cookie. */
#ifdef __cplusplus
extern "C++" {
template <class T> static inline uint64_t ouro_cookie(T *p)
{
    return reinterpret_cast<uintptr_t>(p);
}
template <class T> static inline uint64_t ouro_cookie(T n)
{
    return static_cast<uint64_t>(n);
}
static inline __attribute__((__unused__)) uint64_t ouro_cookie(
    decltype(nullptr))
{
    return 0;
}
}
#else
#define ouro_cookie(cookie) ((uint64_t)(uintptr_t)(cookie))
#endif

/* The shapes that most macros have. */
#define ouro_say(hook) ouro_do(ouro_call(1, hook, ()))
#define ouro_say_object(hook, obj)                                             \
    ouro_do(const void *const ouro_a = (obj);                                  \
            ouro_call(ouro_a != NULL, hook, (ouro_a)))
#define ouro_say_text(hook, obj, text)                                         \
    ouro_do(const void *const ouro_a = (obj);                                  \
            const char *const ouro_text = (text);                              \
            ouro_call(ouro_a != NULL, hook, (ouro_a, ouro_text)))
#define ouro_say_number(hook, obj, n)                                          \
    ouro_do(const void *const ouro_a = (obj); const int64_t ouro_n = (n);      \
            ouro_call(ouro_a != NULL, hook, (ouro_a, ouro_n)))
#define ouro_say_cookie(hook, obj, cookie)                                     \
    ouro_do(const void *const ouro_a = (obj);                                  \
            const uint64_t ouro_n = ouro_cookie(cookie);                       \
            ouro_call(ouro_a != NULL, hook, (ouro_a, ouro_n)))
#define ouro_say_pair(hook, a, b)                                              \
    ouro_do(                                                                   \
        const void *const ouro_a = (a); const void *const ouro_b = (b);        \
        ouro_call(ouro_a != NULL && ouro_b != NULL, hook, (ouro_a, ouro_b)))
#define ouro_say_edge(hook, owner, field, target)                              \
    ouro_do(const void *const ouro_a = (owner);                                \
            const char *const ouro_text = (field);                             \
            const void *const ouro_b = (target);                               \
            ouro_call(ouro_a != NULL && ouro_b != NULL, hook,                  \
                      (ouro_a, ouro_text, ouro_b)))
#define ouro_say_name(hook, name)                                              \
    ouro_do(const char *const ouro_text = (name);                              \
            ouro_call(1, hook, (ouro_text)))
#define ouro_say_root(hook, name, target)                                      \
    ouro_do(const char *const ouro_text = (name);                              \
            const void *const ouro_b = (target);                               \
            ouro_call(ouro_b != NULL, hook, (ouro_text, ouro_b)))
#define ouro_say_block(hook, pool, p, bytes)                                   \
    ouro_do(const void *const ouro_a = (pool); const void *const ouro_b = (p); \
            const uint64_t ouro_n = ouro_as(uint64_t, bytes);                  \
            ouro_call(ouro_a != NULL && ouro_b != NULL, hook,                  \
                      (ouro_a, ouro_b, ouro_n)))

/*
 * LIFE
 */

/* obj begins its life with a count of 1; `type` is a string. It may hold
   references and is tracked: it takes part in collections. */
#define OURO_NEW(obj, type) ouro_say_text(on_new, obj, type)

/* The same with another first count (0 for boost, LLVM and Qt), and a size for
   an object that is not a block by itself (0: the block's). */
#define OURO_NEW_AT(obj, type, count, bytes)                                   \
    ouro_do(const void *const ouro_a = (obj);                                  \
            const char *const ouro_text = (type);                              \
            const int64_t ouro_n = ouro_as(int64_t, count);                    \
            const uint64_t ouro_bytes = ouro_as(uint64_t, bytes);              \
            ouro_call(ouro_a != NULL, on_new_at,                               \
                      (ouro_a, ouro_text, ouro_n, ouro_bytes)))

/* The same as NEW for an object that never holds references (a string). */
#define OURO_NEW_LEAF(obj, type) ouro_say_text(on_new_leaf, obj, type)

/* Its type, known only later (a base class's constructor said NEW). */
#define OURO_TYPE(obj, type) ouro_say_text(on_type, obj, type)

/* A name for reports; the text is copied now. */
#define OURO_LABEL(obj, text) ouro_say_text(on_label, obj, text)

/* Its life ends, before the memory goes. Freeing its block says so too. Its
   edges and owned blocks go with it; counts that it gave do not. */
#define OURO_DEAD(obj) ouro_say_object(on_dead, obj)

/*
 * COUNTS
 */

/* Count + 1, after; count - 1, before; count + n (n may be negative: before);
   by someone unnamed. */
#define OURO_INCREF(obj) ouro_say_object(on_incref, obj)
#define OURO_DECREF(obj) ouro_say_object(on_decref, obj)
#define OURO_ADD(obj, n) ouro_say_number(on_add, obj, ouro_as(int64_t, n))

/* The same by someone with a name: any pointer or number. Pairs of equal
   cookies are matched exactly, so a missing RELEASE has a culprit. */
#define OURO_ACQUIRE(obj, cookie) ouro_say_cookie(on_acquire, obj, cookie)
#define OURO_RELEASE(obj, cookie) ouro_say_cookie(on_release, obj, cookie)

/* "My own count is n now." The tool finds the first moment where announcements
   and truth part: this is how instrumentation is debugged. */
#define OURO_COUNT(obj, n) ouro_say_number(on_count, obj, ouro_as(int64_t, n))

/*
 * EDGES
 */

/* owner now holds, after; gives up, before: one of target's counts. */
#define OURO_LINK(owner, field, target)                                        \
    ouro_say_edge(on_link, owner, field, target)
#define OURO_UNLINK(owner, field, target)                                      \
    ouro_say_edge(on_unlink, owner, field, target)

/* For arrays and fields that can be checked: `slot` is where the pointer
   stands, so that a store nobody announced is found. The index is shown,
   never matched; -1: none. */
#define OURO_LINK_AT(owner, field, index, slot, target)                        \
    ouro_do(const void *const ouro_a = (owner);                                \
            const char *const ouro_text = (field);                             \
            const int64_t ouro_n = ouro_as(int64_t, index);                    \
            const void *const ouro_slot = (slot);                              \
            const void *const ouro_b = (target);                               \
            ouro_call(ouro_a != NULL && ouro_b != NULL, on_link_at,            \
                      (ouro_a, ouro_text, ouro_n, ouro_slot, ouro_b)))

/* The line people write at a store: UNLINK old, LINK_AT new; either may be
   NULL. No counts change: after new's INCREF, before old's DECREF. */
#define OURO_SET(owner, field, slot, old, new)                                 \
    ouro_do(const void *const ouro_a = (owner);                                \
            const char *const ouro_text = (field);                             \
            const void *const ouro_slot = (slot);                              \
            const void *const ouro_old = (old);                                \
            const void *const ouro_b = (new);                                  \
            ouro_do(ouro_call(ouro_a != NULL && ouro_old != NULL, on_unlink,   \
                              (ouro_a, ouro_text, ouro_old)));                 \
            ouro_do(ouro_call(ouro_a != NULL && ouro_b != NULL, on_link_at,    \
                              (ouro_a, ouro_text, -1, ouro_slot, ouro_b)));)

/* owner holds nothing any more: a clear, an array's free function. */
#define OURO_UNLINK_ALL(owner) ouro_say_object(on_unlink_all, owner)

/* A global holds, after; gives up, before: one of target's counts. */
#define OURO_ROOT(name, target)   ouro_say_root(on_root, name, target)
#define OURO_UNROOT(name, target) ouro_say_root(on_unroot, name, target)

/* block is obj's out-of-line storage: its bytes count for obj, and an owner
   inside it is obj. */
#define OURO_OWN(obj, block) ouro_say_pair(on_own, obj, block)

/* Shown, never counted, never taken for an owner. */
#define OURO_WEAK(owner, field, target)                                        \
    ouro_say_edge(on_weak, owner, field, target)

/* The object lives elsewhere now: compaction, relocation by memcpy. After
   the copy, before the old place is given back. realloc moves by itself. */
#define OURO_MOVE(from, to) ouro_say_pair(on_move, from, to)

/*
 * THE COLLECTOR'S VIEW
 */

/* Its edges can, cannot, be trusted. An untracked object is in no generation,
   and what it holds is held from outside. */
#define OURO_TRACK(obj)   ouro_say_object(on_track, obj)
#define OURO_UNTRACK(obj) ouro_say_object(on_untrack, obj)

/* Is never collected; must not be collected silently (a legacy finalizer). */
#define OURO_IMMORTAL(obj)  ouro_say_object(on_immortal, obj)
#define OURO_FINALIZER(obj) ouro_say_object(on_finalizer, obj)

/* A mark, to compare between; take a snapshot of memory now. */
#define OURO_CHECKPOINT(name) ouro_say_name(on_checkpoint, name)
#define OURO_SNAPSHOT(name)   ouro_say_name(on_snapshot, name)

/* What Python's gc module offers, for the replay: recorded, and honoured by
   the tool. Nothing is collected in the program. */
#define OURO_COLLECT(generation)                                               \
    ouro_do(const uint32_t ouro_n = ouro_as(uint32_t, generation);             \
            ouro_call(1, on_collect, (ouro_n)))
#define OURO_GC_SET_THRESHOLD(a, b, c)                                         \
    ouro_do(const uint32_t ouro_n0 = ouro_as(uint32_t, a);                     \
            const uint32_t ouro_n1 = ouro_as(uint32_t, b);                     \
            const uint32_t ouro_n2 = ouro_as(uint32_t, c);                     \
            ouro_call(1, on_gc_set_threshold, (ouro_n0, ouro_n1, ouro_n2)))
#define OURO_GC_ENABLE()   ouro_say(on_gc_enable)
#define OURO_GC_DISABLE()  ouro_say(on_gc_disable)
#define OURO_GC_FREEZE()   ouro_say(on_gc_freeze)
#define OURO_GC_UNFREEZE() ouro_say(on_gc_unfreeze)

/*
 * MEMORY
 */

/* A custom allocator's blocks. `pool` is any address that names it; `memory` is
   what it carves up. The innermost block holds an address. RESET frees all its
   blocks, DESTROY the pool too. CREATE and ALLOC after, the others before. */
#define OURO_POOL_CREATE(pool, memory, size)                                   \
    ouro_say_block(on_pool_create, pool, memory, size)
#define OURO_POOL_ALLOC(pool, p, size)                                         \
    ouro_say_block(on_pool_alloc, pool, p, size)
#define OURO_POOL_FREE(pool, p) ouro_say_pair(on_pool_free, pool, p)
#define OURO_POOL_RESET(pool)   ouro_say_object(on_pool_reset, pool)
#define OURO_POOL_DESTROY(pool) ouro_say_object(on_pool_destroy, pool)

/* Kept on purpose: no finding. */
#define OURO_IGNORE(p) ouro_say_object(on_ignore, p)

/* Record nothing on this thread between DISABLE and ENABLE; they nest. */
#define OURO_DISABLE() ouro_say(on_disable)
#define OURO_ENABLE()  ouro_say(on_enable)

/* Is a guest there? For what is worth computing only for it. */
#define OURO_ACTIVE() ouro_is_there()

#endif
