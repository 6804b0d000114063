/* SPDX-License-Identifier: MIT */
#include "cclog/cclog.h"
#include "cclog/cclog_names.h"
#include "cclog/cclog_scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1 << 16 }; /* bytes, at most */

struct reader {
    struct cclog *c;
    FILE *from;
    const char *path;
    struct err *e;
    uint64_t line;
    bool escaped; /* as ouro writes names */
    size_t len;
    char text[LINE];
};

static int refuse(struct reader *r, const char *fact, const char *remedy)
{
    return err_set(r->e, "%s:%" PRIu64 ": %s; %s", r->path, r->line, fact,
                   remedy);
}

/* Into r->text, without its end. 1: a line; 0: no more; -1: e is filled. */
static int read_line(struct reader *r)
{
    int c = EOF;
    r->len = 0;
    r->line++;
    while ((c = getc_unlocked(r->from)) != EOF && c != '\n') {
        if (c == '\0')
            return refuse(r, "a zero byte", "a log is plain text");
        if (r->len + 1 == LINE)
            return refuse(r, "longer than 65,535 bytes",
                          "a log has a node or an edge a line");
        r->text[r->len++] = (char)c;
    }
    if (c == EOF && ferror(r->from))
        return refuse(r, "cannot be read", "read another copy");
    if (r->len > 0 && r->text[r->len - 1] == '\r')
        r->len--;
    r->text[r->len] = '\0';
    return c != EOF || r->len > 0;
}

static uint32_t name_of(struct reader *r, char *text, size_t len)
{
    if (r->escaped)
        len = cclog_unescape(text, len);
    return strings_id(&r->c->strings, text, len);
}

static int add_node(struct reader *r, struct cclog_node node, char *name)
{
    struct cclog *c = r->c;
    char *tab = r->escaped ? strchr(name, '\t') : NULL;
    if (table_get(&c->node_at, node.addr) != 0)
        return refuse(r, "a second node at this address",
                      "give each node an address of its own");
    node.type = name_of(r, name, tab ? (size_t)(tab - name) : strlen(name));
    node.label = tab ? name_of(r, tab + 1, strlen(tab + 1)) : 0;
    node.first_edge = c->n_edges;
    GROW(c->nodes, c->n_nodes, c->nodes_room);
    c->nodes[c->n_nodes++] = node;
    table_set(&c->node_at, node.addr, c->n_nodes);
    return 0;
}

static int take_node(struct reader *r)
{
    struct cclog_node node = {.kind = CCLOG_COUNTED};
    char *at = scan_address(r->text, &node.addr);
    char *name = NULL;
    at = at ? scan_word(at, " [") : NULL;
    if (at && scan_word(at, "rc="))
        name = scan_bracket(scan_count(scan_word(at, "rc="), &node.rc));
    if (at && !name) {
        node.kind = scan_word(at, "gc.marked") ? CCLOG_MARKED : CCLOG_GC;
        char *gc = scan_word(at, "gc.marked");
        name = scan_bracket(gc ? gc : scan_word(at, "gc"));
    }
    if (!name)
        return refuse(r, "no line of a log",
                      "write '0xADDRESS [rc=COUNT] NAME', or put a # before "
                      "a comment");
    return add_node(r, node, name);
}

static int take_edge(struct reader *r)
{
    struct cclog *c = r->c;
    uint64_t target;
    char *name = scan_address(r->text + 2, &target);
    if (!name || (*name != ' ' && *name != '\0'))
        return refuse(r, "no edge", "write '> 0xADDRESS NAME'");
    if (c->n_nodes == 0)
        return refuse(r, "an edge before any node",
                      "write the node that holds it above");
    name += *name == ' ';
    GROW(c->edges, c->n_edges, c->edges_room);
    c->edges[c->n_edges++] =
        (struct cclog_edge){target, name_of(r, name, strlen(name))};
    return 0;
}

static void add_root(struct reader *r, uint64_t target, char *name,
                     bool besides)
{
    struct cclog *c = r->c;
    GROW(c->roots, c->n_roots, c->roots_room);
    c->roots[c->n_roots++] =
        (struct cclog_root){target, name_of(r, name, strlen(name)), besides};
}

static int take_incremental_root(struct reader *r, char *at)
{
    uint64_t target;
    char name[] = "IncrementalRoot";
    at = scan_address(at, &target);
    if (!at || *at)
        return refuse(r, "no incremental root",
                      "write 'IncrementalRoot 0xADDRESS'");
    add_root(r, target, name, true);
    return 0;
}

static int take_weak(struct reader *r, char *at)
{
    struct cclog *c = r->c;
    struct cclog_weak w;
    at = scan_word(at, "map=");
    at = at ? scan_weak_address(at, &w.map) : NULL;
    at = at ? scan_word(at, " key=") : NULL;
    at = at ? scan_weak_address(at, &w.key) : NULL;
    at = at ? scan_word(at, " keyDelegate=") : NULL;
    at = at ? scan_weak_address(at, &w.delegate) : NULL;
    at = at ? scan_word(at, " value=") : NULL;
    at = at ? scan_weak_address(at, &w.value) : NULL;
    if (!at || *at)
        return refuse(r, "no weak map entry",
                      "write 'WeakMapEntry map=0x1 key=0x2 keyDelegate=(nil) "
                      "value=0x3'");
    GROW(c->weak, c->n_weak, c->weak_room);
    c->weak[c->n_weak++] = w;
    return 0;
}

static int take_comment(struct reader *r)
{
    uint64_t target;
    char *at = scan_word(r->text, "# ouro-root ");
    r->escaped |= scan_word(r->text, "# ouro-names") != NULL;
    at = at ? scan_address(at, &target) : NULL;
    if (at && *at == ' ')
        add_root(r, target, at + 1, false);
    return 0;
}

static int take_result(struct reader *r)
{
    struct cclog *c = r->c;
    uint64_t addr;
    int64_t known;
    char *at = scan_address(r->text, &addr);
    at = at ? scan_word(at, " [") : NULL;
    char *known_at = at ? scan_word(at, "known=") : NULL;
    if (known_at && scan_bracket(scan_count(known_at, &known)))
        return 0;
    if (!at || !scan_bracket(scan_word(at, "garbage")))
        return refuse(r, "no result",
                      "write '0xADDRESS [garbage]' or '0xADDRESS [known=N]' "
                      "below the line of =");
    GROW(c->garbage, c->n_garbage, c->garbage_room);
    c->garbage[c->n_garbage++] = addr;
    return 0;
}

static int take_line(struct reader *r)
{
    if (r->len == 0)
        return 0;
    if (*r->text == '#')
        return take_comment(r);
    if (scan_word(r->text, "==========")) {
        r->c->has_results = true;
        return 0;
    }
    if (r->c->has_results)
        return take_result(r);
    if (scan_word(r->text, "> "))
        return take_edge(r);
    char *root = scan_word(r->text, "IncrementalRoot ");
    if (root)
        return take_incremental_root(r, root);
    char *weak = scan_word(r->text, "WeakMapEntry ");
    return weak ? take_weak(r, weak) : take_node(r);
}

static int read_all(struct reader *r)
{
    int more;
    while ((more = read_line(r)) > 0) {
        if (take_line(r) != 0)
            return -1;
        if (r->c->n_nodes > UINT32_MAX - 2 || r->c->n_edges > UINT32_MAX - 2)
            return refuse(r, "more than 4,294,967,293 nodes or edges",
                          "export a smaller graph");
    }
    if (more == 0 && r->c->n_nodes == 0 && !r->c->has_results)
        return refuse(r, "the log ends without a node",
                      "name a log that 'ouro export' or Firefox wrote");
    return more;
}

int cclog_read(struct cclog *c, FILE *from, const char *path, struct err *e)
{
    *c = (struct cclog){0};
    strings_init(&c->strings);
    struct reader *r = must_calloc(1, sizeof *r);
    r->c = c;
    r->from = from;
    r->path = path;
    r->e = e;
    const int rc = read_all(r);
    free(r);
    if (rc != 0)
        cclog_release(c);
    return rc;
}

void cclog_release(struct cclog *c)
{
    strings_release(&c->strings);
    free(c->nodes);
    free(c->edges);
    free(c->roots);
    free(c->weak);
    free(c->garbage);
    table_release(&c->node_at);
    *c = (struct cclog){0};
}

uint32_t cclog_find(const struct cclog *c, uint64_t addr)
{
    const uint64_t at = addr ? table_get(&c->node_at, addr) : 0;
    return at ? (uint32_t)(at - 1) : UINT32_MAX;
}
