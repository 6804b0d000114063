# budgets.awk -f figures.awk - what it may cost, what it did, and whether that is
# met; "not measured" where the rows were not run

function told(what, budget, measured, met) {
    printf "| %s | %s | %s | %s |\n", what, budget, measured, met ? "yes" : "**no**"
}

function missing(what, budget) {
    printf "| %s | %s | not measured | |\n", what, budget
}

function against_heaptrack(    i, r, ratio, worst, where, what, budget) {
    what = "overhead an event, at each depth from 10 to 120"
    budget = "at most 1/6 of heaptrack's raw recording"
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
        told(what, budget, sprintf("at most 1/%.1f (%s)", worst, where), worst >= 6)
    else
        missing(what, budget)
}

# With or without the look at memory at the end.
function real_programs(tool, what,    i, r, n, logs, mean, ratio, most, where, budget) {
    budget = "geometric mean at most 1.30 times native, none above 1.80"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "real")
            continue
        ratio = wall_ratio(r, tool)
        logs += log(ratio)
        n++
        if (ratio > most) {
            most = ratio
            where = r
        }
    }
    if (!n) {
        missing(what, budget)
        return
    }
    mean = exp(logs / n)
    told(what, budget, sprintf("%.2f over %d; most %.2f (%s)", mean, n, most, where),
         mean <= 1.3 && most <= 1.8)
}

# Overhead of a core and event with two busy threads, over that of one: `beside`
# says what else there is in the one's program.
function of_two(beside,    i, r, pair, one, ratio) {
    most = 0
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        pair = r ", two threads"
        one = r beside
        if (!has(pair, "events") || !has(one, "events") || over(one, "ouro") <= 0)
            continue
        ratio = 2 * over(pair, "ouro") / over(one, "ouro")
        if (ratio > most) {
            most = ratio
            most_at = r
        }
    }
    return most
}

# Two threads on two cores do twice as much at a time. One that is alone need not
# read the clock, so it is no measure of what two lose to each other.
function two_threads(    both, alone, where, what, budget) {
    what = "two busy threads against one beside a sleeping one, overhead of a core an event"
    budget = "the same (within a tenth)"
    both = of_two(", beside a sleeper")
    where = most_at
    alone = of_two("")
    if (both)
        told(what, budget, sprintf("%.2f times at the most (%s); %.2f of one that is alone and reads the clock rarely", both, where, alone), both <= 1.1)
    else
        missing(what, budget)
}

function raw_trace(    i, r, most, where, what, budget) {
    what = "trace of real programs, raw, without the snapshot"
    budget = "at most 12 bytes an event"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] == "real" && raw_each(r) > most) {
            most = raw_each(r)
            where = r
        }
    }
    if (most)
        told(what, budget, sprintf("%.1f at the most (%s)", most, where), most <= 12)
    else
        missing(what, budget)
}

function packed_trace(    i, r, ratio, most, where, what, budget) {
    what = "the same, packed"
    budget = "at most heaptrack's compressed"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (m[r, "group"] != "real" || !has(r, "bytes.pack") || !has(r, "bytes.interpreted"))
            continue
        ratio = m[r, "bytes.pack"] / m[r, "bytes.interpreted"]
        if (ratio > most) {
            most = ratio
            where = r
        }
    }
    if (most)
        told(what, budget, sprintf("%.2f times at the most (%s)", most, where), most <= 1)
    else
        missing(what, budget)
}

# The largest of an event's kinds: what a key takes more than the empty call,
# in the least of the runs.
function largest(key,    i, r, ns, most) {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (r !~ /^event:[A-Z]/)
            continue
        ns = low[r, "ns." key] - low[r, "ns.off"]
        if (ns > most)
            most = ns
    }
    return most
}

function protocol(    block) {
    if (!has("event:malloc", "ns.all")) {
        missing("an announced event", "25 ns without its stack, with it as an allocation")
        missing("the header without the guest", "at most 1 ns")
        return
    }
    block = low["event:malloc", "ns.all"] - low["event:malloc", "ns.header"]
    told("an announced event, without its stack", "at most 25 ns over the empty call",
         sprintf("%.1f ns at the most", largest("alloc")), largest("alloc") <= 25)
    told("the same with its stack", "as an allocation (within a tenth)",
         sprintf("%.1f ns at the most, an allocation %.1f", largest("all"), block),
         largest("all") <= 1.1 * block)
    told("the header without the guest", "at most 1 ns",
         sprintf("%.2f ns at the most", largest("header")), largest("header") <= 1)
}

function guest(    i, r, threads, more, most, where, what, budget) {
    what = "memory of the guest"
    budget = "at most 4 MiB + 768 KiB a thread"
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        threads = r ~ /^growth:threads:/ ? substr(r, 16) : r ~ /two threads|sleeper|crossing/ ? 2 : 1
        if (!has(r, "kib.ouro") || !has(r, "kib.native"))
            continue
        more = (m[r, "kib.ouro"] - m[r, "kib.native"]) / (4096 + 768 * threads)
        if (more > most) {
            most = more
            where = r
        }
    }
    if (most)
        told(what, budget, sprintf("%.0f %% of that at the most (%s)", 100 * most, where),
             most <= 1)
    else
        missing(what, budget)
}

function analysis(    i, r, slowest, where, ratio, what, budget) {
    what = "analysis of real programs"
    budget = "faster than the recorded run"
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
        told(what, budget, sprintf("%.2f of it at the most (%s)", slowest, where), slowest < 1)
    else
        missing(what, budget)
}

function replayed(    rate, what, budget) {
    what = "the same, python3"
    budget = "at least 30 M events a second a core"
    if (!has("python3", "cpu.report")) {
        missing(what, budget)
        return
    }
    rate = m["python3", "events"] / m["python3", "cpu.report"] / 1e6
    told(what, budget, sprintf("%.1f M", rate), rate >= 30)
}

function collector(    r, what, budget) {
    what = "collector, 10 M objects and 30 M edges"
    budget = "5 s and 1 GiB"
    r = "collector"
    if (!has(r, "seconds")) {
        missing(what, budget)
        return
    }
    told(what, budget,
         sprintf("%.2f s, %d MiB for %.0f M and %.0f M", m[r, "seconds"], m[r, "mib"],
                 m[r, "objects"] / 1e6, m[r, "edges"] / 1e6),
         m[r, "seconds"] <= 5 && m[r, "mib"] <= 1024 && m[r, "objects"] >= 1e7)
}

END {
    print "| what | budget | measured | met |"
    print "| --- | --- | --- | --- |"
    against_heaptrack()
    real_programs("ouro", "wall clock of real programs")
    real_programs("nosnap", "the same without the snapshot at exit")
    two_threads()
    raw_trace()
    packed_trace()
    protocol()
    guest()
    analysis()
    replayed()
    collector()
}
