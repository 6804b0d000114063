/* SPDX-License-Identifier: MIT */
#include "gate/baseline.h"

#include "gate/json_place.h"
#include "gate/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCHEMA        "ouro-baseline/"
#define SCHEMA_NUMBER 1

enum { MOST_BYTES = 256 << 20 };

struct reader {
    struct entries *e;
    const char *path, *text;
    size_t len;
    struct err *err;
    json_t *root;
    size_t index; /* of the finding that is read */
};

/* Where a key of the finding that is read stands, or of the whole. */
static uint32_t line_of(const struct reader *r, bool in_finding,
                        const char *key)
{
    const struct json_step in[] = {{"findings", 0}, {NULL, r->index}, {key, 0}};
    const struct json_step at[] = {{key, 0}};
    if (in_finding)
        return json_place(r->text, r->len, in, key ? 3 : 2);
    return json_place(r->text, r->len, at, key ? 1 : 0);
}

__attribute__((format(printf, 4, 5))) static int wrong(const struct reader *r,
                                                       bool in_finding,
                                                       const char *key,
                                                       const char *fmt, ...)
{
    char said[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(said, sizeof said, fmt, ap);
    va_end(ap);
    err_set(r->err, "%.180s:%" PRIu32 ": %s", r->path,
            line_of(r, in_finding, key), said);
    r->err->code = RC_USAGE;
    return -1;
}

static int expected(const struct reader *r, const char *key, const char *what)
{
    return wrong(r, true, key, "\"%s\": expected %s", key, what);
}

static int read_names(const struct reader *r, json_t *from, const char *key,
                      const char ***names, uint32_t *n)
{
    json_t *all = json_object_get(from, key);
    if (!json_is_array(all))
        return expected(r, key, "an array of names");
    *n = (uint32_t)json_array_size(all);
    *names = ARENA_ARRAY(&r->e->arena, *n, const char *);
    for (uint32_t i = 0; i < *n; i++) {
        json_t *name = json_array_get(all, i);
        if (!json_is_string(name))
            return expected(r, key, "an array of names");
        (*names)[i] = arena_text(&r->e->arena, json_string_value(name),
                                 json_string_length(name));
    }
    return 0;
}

static int read_number(const struct reader *r, json_t *from, const char *key,
                       uint64_t *n)
{
    json_t *number = json_object_get(from, key);
    if (!json_is_integer(number) || json_integer_value(number) < 0)
        return expected(r, key, "a number, 0 or more");
    *n = (uint64_t)json_integer_value(number);
    return 0;
}

static int read_kind(const struct reader *r, json_t *from, struct entry *k)
{
    json_t *kind = json_object_get(from, "kind");
    if (!json_is_string(kind) ||
        !policy_kind(json_string_value(kind), json_string_length(kind),
                     &k->kind))
        return expected(r, "kind", policy_kind_words());
    json_t *reach = json_object_get(from, "reach");
    if (!json_is_string(reach) ||
        !policy_reach(json_string_value(reach), json_string_length(reach),
                      &k->reach))
        return expected(r, "reach", policy_reach_words());
    return 0;
}

static int read_holds(const struct reader *r, json_t *from, const char *id)
{
    json_t *holds = json_object_get(from, "holds");
    const char *ring;
    json_t *rings;
    if (holds && !json_is_object(holds))
        return expected(r, "holds", "an object, of ids and numbers");
    json_object_foreach(holds, ring, rings)
    {
        if (!entry_is_id(ring) || !json_is_integer(rings) ||
            json_integer_value(rings) < 1)
            return expected(r, "holds",
                            "ids of 16 hex digits, with numbers of 1 or more");
        entries_hold(r->e, id, ring, (uint64_t)json_integer_value(rings));
    }
    return 0;
}

static int read_note(const struct reader *r, json_t *from, struct entry *k)
{
    json_t *note = json_object_get(from, "note");
    if (!note)
        return 0;
    if (!json_is_string(note))
        return expected(r, "note", "text");
    k->note = arena_text(&r->e->arena, json_string_value(note),
                         json_string_length(note));
    return 0;
}

static int know_keys(const struct reader *r, json_t *object, bool in_finding,
                     const char *const *known, const char *words)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const char *const *k = known;
        while (*k && strcmp(*k, key) != 0)
            k++;
        if (!*k)
            return wrong(r, in_finding, key,
                         "key \"%.40s\" is not known; expected %s", key, words);
    }
    return 0;
}

static int read_finding(const struct reader *r, json_t *from)
{
    static const char *const known[] = {"id",    "kind",      "reach", "types",
                                        "stack", "instances", "bytes", "holds",
                                        "note",  NULL};
    if (!json_is_object(from))
        return wrong(r, true, NULL, "expected a finding: an object");
    if (know_keys(r, from, true, known,
                  "id, kind, reach, types, stack, instances, bytes, holds or "
                  "note") != 0)
        return -1;
    const char *id = json_string_value(json_object_get(from, "id"));
    bool made;
    if (!id || !entry_is_id(id))
        return expected(r, "id", "16 hex digits, in small letters");
    struct entry *k = entries_find(r->e, id, &made);
    if (!made)
        return wrong(r, true, "id", "finding %s is there twice; expected once",
                     id);
    return read_kind(r, from, k) != 0 ||
                   read_names(r, from, "types", &k->types, &k->n_types) != 0 ||
                   read_names(r, from, "stack", &k->stack, &k->n_stack) != 0 ||
                   read_number(r, from, "instances", &k->instances) != 0 ||
                   read_number(r, from, "bytes", &k->bytes) != 0 ||
                   read_note(r, from, k) != 0 || read_holds(r, from, id) != 0
               ? -1
               : 0;
}

static int read_schema(const struct reader *r)
{
    const char *schema = json_string_value(json_object_get(r->root, "schema"));
    const size_t len = strlen(SCHEMA);
    if (!schema || strncmp(schema, SCHEMA, len) != 0)
        return wrong(r, false, "schema",
                     "no baseline: expected \"schema\": \"" SCHEMA "%d\"",
                     SCHEMA_NUMBER);
    char *end;
    const long number = strtol(schema + len, &end, 10);
    if (*end || number != SCHEMA_NUMBER)
        return wrong(r, false, "schema",
                     "schema \"%.40s\"; expected \"" SCHEMA "%d\": it was "
                     "written by %s ouro, or not by ouro",
                     schema, SCHEMA_NUMBER,
                     number > SCHEMA_NUMBER ? "a newer" : "another");
    return 0;
}

static int read_root(struct reader *r)
{
    static const char *const known[] = {"schema", "findings", NULL};
    if (!json_is_object(r->root))
        return wrong(r, false, NULL, "no baseline: expected an object");
    if (read_schema(r) != 0 ||
        know_keys(r, r->root, false, known, "schema or findings") != 0)
        return -1;
    json_t *findings = json_object_get(r->root, "findings");
    if (!json_is_array(findings))
        return wrong(r, false, "findings", "\"findings\": expected an array");
    for (r->index = 0; r->index < json_array_size(findings); r->index++)
        if (read_finding(r, json_array_get(findings, r->index)) != 0)
            return -1;
    return 0;
}

int baseline_read_text(struct entries *e, const char *text, size_t len,
                       const char *path, struct err *err)
{
    json_error_t damage;
    struct reader r = {
        .e = e, .path = path, .text = text, .len = len, .err = err};
    *e = (struct entries){0};
    r.root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &damage);
    if (!r.root) {
        err_set(err, "%.180s:%d: no JSON: %s", path,
                damage.line > 0 ? damage.line : 1, damage.text);
        err->code = RC_USAGE;
        return -1;
    }
    const int rc = read_root(&r);
    json_decref(r.root);
    if (rc != 0)
        entries_release(e);
    else
        entries_sort(e);
    return rc;
}

static int refuse(struct err *e, const char *path, const char *fact)
{
    err_set(e, "%.180s: %s", path, fact);
    e->code = RC_USAGE;
    return -1;
}

/* The caller frees it. */
static char *read_all(FILE *f, size_t *len)
{
    char *text = NULL;
    size_t room = 0;
    *len = 0;
    do {
        if (*len == room) {
            room = room ? 2 * room : 65536;
            text = must_realloc(text, room, 1);
        }
        const size_t n = fread(text + *len, 1, room - *len, f);
        *len += n;
        if (n == 0)
            break;
    } while (*len <= MOST_BYTES);
    return text;
}

int baseline_read(struct entries *e, const char *path, struct err *err)
{
    struct stat s;
    *e = (struct entries){0};
    FILE *f = fopen(path, "re");
    if (!f && errno == ENOENT)
        return refuse(err, path, "no such baseline; --write-baseline makes it");
    if (!f)
        return refuse(err, path, strerror(errno));
    if (fstat(fileno(f), &s) == 0 && S_ISDIR(s.st_mode)) {
        fclose(f);
        return refuse(err, path, "a directory; expected a baseline, a file");
    }
    size_t len;
    char *text = read_all(f, &len);
    const bool failed = ferror(f) != 0;
    fclose(f);
    int rc;
    if (failed)
        rc = refuse(err, path, "cannot be read");
    else if (len > MOST_BYTES)
        rc = refuse(err, path, "more than 256 MiB; expected a baseline");
    else
        rc = baseline_read_text(e, text, len, path, err);
    free(text);
    return rc;
}
