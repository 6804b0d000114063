# budgets.awk -f figures.awk - what it may cost, what it did, and whether that is
# met; "not measured" where the rows were not run

function told(what, budget, measured, met) {
    printf "| %s | %s | %s | %s |\n", what, budget, measured, met ? "yes" : "**no**"
}

function missing(what, budget) {
    printf "| %s | %s | not measured | |\n", what, budget
}

function against_heaptrack(    i, r, ratio, worst, where) {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "deep" || !has(r, "wall.heaptrack") || over(r, "ouro") <= 0)
            continue
        ratio = over(r, "heaptrack") / over(r, "ouro")
        if (!worst || ratio < worst) {
            worst = ratio
            where = r
        }
    }
    if (worst)
        told("overhead an event, at each depth from 10 to 120", "at most 1/6 of heaptrack's raw recording", sprintf("1/%.1f at the most (%s)", worst, where), worst >= 6)
    else
        missing("overhead an event, at each depth from 10 to 120", "at most 1/6 of heaptrack's raw recording")
}

function real_programs(    i, r, n, logs, ratio, most, where, budget) {
    budget = "geometric mean at most 1.30 times native, none above 1.80"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "real")
            continue
        ratio = wall_ratio(r, "ouro")
        logs += log(ratio)
        n++
        if (ratio > most) {
            most = ratio
            where = r
        }
    }
    if (n)
        told("wall clock of real programs", budget, sprintf("%.2f over %d; most %.2f (%s)", exp(logs / n), n, most, where), exp(logs / n) <= 1.3 && most <= 1.8)
    else
        missing("wall clock of real programs", budget)
}

# Two threads on two cores do twice as much at a time.
function two_threads(    i, r, pair, ratio, most, where, what, budget) {
    what = "two threads against one, overhead of a core an event"
    budget = "the same (within a tenth)"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        pair = r ", two threads"
        if (!has(pair, "events") || over(r, "ouro") <= 0)
            continue
        ratio = 2 * over(pair, "ouro") / over(r, "ouro")
        if (ratio > most) {
            most = ratio
            where = r
        }
    }
    if (most)
        told(what, budget, sprintf("%.2f times at the most (%s)", most, where), most <= 1.1)
    else
        missing(what, budget)
}

function trace(    i, r, most, where, n, larger, worst, packed) {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "real")
            continue
        if (bytes_each(r, "ouro") > most) {
            most = bytes_each(r, "ouro")
            where = r
        }
        if (has(r, "bytes.pack") && has(r, "bytes.interpreted")) {
            n++
            larger = m[r, "bytes.pack"] / m[r, "bytes.interpreted"]
            if (larger > worst) {
                worst = larger
                packed = r
            }
        }
    }
    if (most)
        told("trace of real programs, raw", "at most 12 bytes an event", sprintf("%.1f at the most (%s)", most, where), most <= 12)
    else
        missing("trace of real programs, raw", "at most 12 bytes an event")
    if (n)
        told("the same, packed", "at most heaptrack's compressed", sprintf("%.2f times at the most (%s)", worst, packed), worst <= 1)
    else
        missing("the same, packed", "at most heaptrack's compressed")
}

function protocol(    i, r, bare, header, stack, block, b) {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (r !~ /^event:[A-Z]/)
            continue
        b = m[r, "ns.alloc"] - m[r, "ns.off"]
        if (b > bare)
            bare = b
        b = m[r, "ns.header"] - m[r, "ns.off"]
        if (b > header)
            header = b
        b = m[r, "ns.all"] - m[r, "ns.off"]
        if (b > stack)
            stack = b
    }
    block = m["event:malloc", "ns.all"] - m["event:malloc", "ns.header"]
    if (!block) {
        missing("an announced event", "25 ns without its stack, with it as an allocation")
        missing("the header without the guest", "at most 1 ns")
        return
    }
    told("an announced event, without its stack", "at most 25 ns over the empty call", sprintf("%.1f ns at the most", bare), bare <= 25)
    told("the same with its stack", "as an allocation (within a tenth)", sprintf("%.1f ns at the most, an allocation %.1f", stack, block), stack <= 1.1 * block)
    told("the header without the guest", "at most 1 ns", sprintf("%.2f ns at the most", header), header <= 1)
}

function guest(    i, r, threads, more, most, where, what, budget) {
    what = "memory of the guest"
    budget = "at most 4 MiB + 768 KiB a thread"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        threads = r ~ /^growth:threads:/ ? substr(r, 16) : r ~ /two threads|crossing/ ? 2 : 1
        if (!has(r, "kib.ouro") || !has(r, "kib.native"))
            continue
        more = (m[r, "kib.ouro"] - m[r, "kib.native"]) / (4096 + 768 * threads)
        if (more > most) {
            most = more
            where = r
        }
    }
    if (most)
        told(what, budget, sprintf("%.0f %% of that at the most (%s)", 100 * most, where), most <= 1)
    else
        missing(what, budget)
}

function analysis(    i, r, slowest, where, ratio) {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "real" || !has(r, "wall.report"))
            continue
        ratio = m[r, "wall.report"] / m[r, "wall.ouro"]
        if (ratio > slowest) {
            slowest = ratio
            where = r
        }
    }
    if (slowest)
        told("analysis of real programs", "faster than the recorded run", sprintf("%.2f of it at the most (%s)", slowest, where), slowest < 1)
    else
        missing("analysis of real programs", "faster than the recorded run")
    r = "python3"
    if (has(r, "cpu.report"))
        told("the same, python3", "at least 30 M events a second a core", sprintf("%.1f M", m[r, "events"] / m[r, "cpu.report"] / 1e6), m[r, "events"] / m[r, "cpu.report"] >= 30e6)
    else
        missing("the same, python3", "at least 30 M events a second a core")
}

function collector(    r) {
    r = "collector"
    if (has(r, "seconds"))
        told("collector, 10 M objects and 30 M edges", "5 s and 1 GiB", sprintf("%.2f s, %d MiB for %.0f M and %.0f M", m[r, "seconds"], m[r, "mib"], m[r, "objects"] / 1e6, m[r, "edges"] / 1e6), m[r, "seconds"] <= 5 && m[r, "mib"] <= 1024 && m[r, "objects"] >= 1e7)
    else
        missing("collector, 10 M objects and 30 M edges", "5 s and 1 GiB")
}

END {
    print "| what | budget | measured | met |"
    print "| --- | --- | --- | --- |"
    against_heaptrack()
    real_programs()
    two_threads()
    trace()
    protocol()
    guest()
    analysis()
    collector()
}
