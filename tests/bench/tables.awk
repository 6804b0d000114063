# tables.awk -f figures.awk -v table=NAME - one table of RESULTS.md

# A cell: the value where it was measured, what became of the program elsewhere.
function cell(r, tool, format, value) {
    if (has(r, "fails." tool))
        return "crashes"
    return has(r, "wall." tool) ? sprintf(format, value) : ""
}

function line(a, b, c, d, e, f, g, h) {
    printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", a, b, c, d, e, f, g, h
}

function ns(r, tool) {
    return has(r, "wall." tool) ? cell(r, tool, "%+.0f", over(r, tool)) : cell(r, tool)
}

function times(r, tool) {
    return has(r, "wall." tool) ? cell(r, tool, "%.2f", wall_ratio(r, tool)) : cell(r, tool)
}

function mib(r, key) {
    return has(r, key) ? sprintf("%.0f", m[r, key] / 1024) : ""
}

function overhead(    i, r, base) {
    line("workload", "M events", "native, s (least to most)", "ouro", "without snapshot",
         "heaptrack", "LSan", "heaptrack / ouro (of the least)")
    line("---", "--:", "--:", "--:", "--:", "--:", "--:", "--:")
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (!has(r, "group"))
            continue
        base = ""
        if (over(r, "ouro") > 0.5 && has(r, "wall.heaptrack") && m[r, "group"] != "protocol")
            base = sprintf("%.1f (%.1f)", over(r, "heaptrack") / over(r, "ouro"),
                           over_least(r, "heaptrack") / over_least(r, "ouro"))
        line(r, sprintf("%.1f", m[r, "events"] / 1e6),
             sprintf("%.3f (%.3f to %.3f)", m[r, "wall.native"], low[r, "wall.native"],
                     high[r, "wall.native"]), ns(r, "ouro"),
             ns(r, "nosnap"), ns(r, "heaptrack"), ns(r, "lsan"), base)
    }
}

function valgrind(r) {
    return sprintf("%.0f", m[r, "wall.valgrind"] / m[r, "wall.native_short"])
}

function ratios(    i, r) {
    line("workload", "ouro", "without snapshot", "heaptrack", "LSan",
         "Valgrind, short input", "ouro, of the least", "runs of ouro, of their median")
    line("---", "--:", "--:", "--:", "--:", "--:", "--:", "--:")
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (!has(r, "group"))
            continue
        line(r, times(r, "ouro"), times(r, "nosnap"), times(r, "heaptrack"), times(r, "lsan"),
             has(r, "wall.valgrind") ? valgrind(r) : cell(r, "valgrind"),
             sprintf("%.2f", low[r, "wall.ouro"] / low[r, "wall.native"]), spread(r, "ouro"))
    }
}

function spread(r, tool) {
    tool = "wall." tool
    return sprintf("%.2f to %.2f", low[r, tool] / m[r, tool], high[r, tool] / m[r, tool])
}

function each(r, what) {
    return has(r, "bytes." what) ? sprintf("%.2f", bytes_each(r, what)) : ""
}

# A column for packed recordings only where there are any.
function space(    i, r, packs) {
    for (i = 1; i <= n_rows; i++)
        packs += has(row[i], "bytes.pack")
    printf "| workload | native, MiB | ouro | heaptrack | LSan | ouro, bytes an event | with the snapshot |"
    print (packs ? " packed |" : "") " heaptrack | its raw.zst | interpreted, zst |"
    print "| --- | --: | --: | --: | --: | --: | --: |" (packs ? " --: |" : "") " --: | --: | --: |"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (!has(r, "group"))
            continue
        printf "| %s | %s | %s | %s | %s | %s |", r, mib(r, "kib.native"),
            mib(r, "kib.ouro"), mib(r, "kib.heaptrack"),
            has(r, "fails.lsan") ? "crashes" : mib(r, "kib.lsan"),
            has(r, "events") ? sprintf("%.2f", raw_each(r)) : ""
        printf " %s |", each(r, "ouro")
        printf "%s %s | %s | %s |\n", packs ? " " each(r, "pack") " |" : "",
            each(r, "heaptrack"), each(r, "heaptrack_zst"), each(r, "interpreted")
    }
}

function rate(r, key) {
    return sprintf("%.1f", m[r, "events"] / m[r, key] / 1e6)
}

function peer(r) {
    if (has(r, "fails.interpret") || has(r, "fails.print"))
        return "aborts"
    if (!has(r, "wall.print"))
        return ""
    return sprintf("%.2f + %.2f", m[r, "wall.interpret"], m[r, "wall.print"])
}

# To be asked of rows that were: a figure that is looked at is there.
function peer_ratio(r) {
    return sprintf("%.1f", (m[r, "wall.interpret"] + m[r, "wall.print"]) / m[r, "wall.report"])
}

function analysis(    i, r) {
    line("workload", "recorded in, s", "ouro report, s", "M events/s",
         "M events/s a core", "its peak, MiB", "heaptrack, s: interpret + print",
         "heaptrack / ouro")
    line("---", "--:", "--:", "--:", "--:", "--:", "--:", "--:")
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (!has(r, "wall.report") || !has(r, "group"))
            continue
        line(r, sprintf("%.2f", m[r, "wall.ouro"]), sprintf("%.2f", m[r, "wall.report"]),
             rate(r, "wall.report"), rate(r, "cpu.report"), mib(r, "kib.report"),
             peer(r), has(r, "wall.print") ? peer_ratio(r) : "")
    }
}

# malloc and free are not, and stand beside for comparison.
function announced(r) {
    return r ~ /^event:[A-Z]/
}

function protocol(    i, r, header) {
    print "| event | empty call, ns | header, no guest | stacks of allocations only | all stacks |"
    print "| --- | --: | --: | --: | --: |"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (r !~ /^event:/)
            continue
        header = low[r, "ns.header"] - low[r, "ns.off"]
        printf "| %s | %.1f | %s | %+.1f | %+.1f |\n", substr(r, 7), low[r, "ns.off"],
            announced(r) ? sprintf("%+.2f", header) : "",
            low[r, "ns.alloc"] - low[r, "ns.header"], low[r, "ns.all"] - low[r, "ns.header"]
    }
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "protocol")
            continue
        printf "| %s: %.1f M events, %.3f s by itself | | | %+.1f (%.1f times) | %+.1f (%.1f times) |\n",
            r, m[r, "events"] / 1e6, m[r, "wall.native"], over_alloc(r),
            wall_ratio(r, "alloc"), over(r, "ouro"), wall_ratio(r, "ouro")
    }
}

# The start is that of ouro record, whatever its options.
function over_alloc(r) {
    return (m[r, "wall.alloc"] - m[r, "wall.native"] - start("ouro")) * 1e9 / m[r, "events"]
}

function guest(    i, r, threads) {
    print "| threads | native, KiB | ouro | more | budget |"
    print "| --: | --: | --: | --: | --: |"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (r !~ /^growth:threads:/)
            continue
        threads = substr(r, 16)
        printf "| %d | %d | %d | %d | %d |\n", threads, m[r, "kib.native"], m[r, "kib.ouro"],
            m[r, "kib.ouro"] - m[r, "kib.native"], 4096 + 768 * threads
    }
}

# The longest recording of the growth series.
function long(    i, r, events) {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (r !~ /^growth:length:/ || !has(r, "wall.report"))
            continue
        events = substr(r, 15)
        printf "A recording of %.0f M events (depth 20, hardly a block alive): %.0f s to record, %.0f s\n",
            events / 1e6, m[r, "wall.ouro"], m[r, "wall.report"]
        printf "to report, %.1f M events a second, at most %d MiB.\n",
            events / m[r, "wall.report"] / 1e6, m[r, "kib.report"] / 1024
    }
}

function graph(    r, s) {
    r = "collector"
    if (!has(r, "seconds"))
        return
    s = m[r, "seconds"]
    printf "%.1f M objects, %.1f M edges: %.2f s, %.1f ns an edge, %d MiB; the certificate another %.2f s.\n",
        m[r, "objects"] / 1e6, m[r, "edges"] / 1e6, s, s * 1e9 / m[r, "edges"], m[r, "mib"],
        m[r, "certificate"]
    printf "CPython's gc.collect() on the same graph takes %.2f times as long to find the same\n",
        m[r, "cpython.finds"] / s
    printf "objects, %.2f times to find and free them.\n", m[r, "cpython.frees"] / s
}

END {
    if (table == "overhead") overhead()
    if (table == "ratios") ratios()
    if (table == "space") space()
    if (table == "analysis") analysis()
    if (table == "protocol") protocol()
    if (table == "guest") guest()
    if (table == "long") long()
    if (table == "graph") graph()
}
