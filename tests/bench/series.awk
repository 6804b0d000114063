# series.awk -f figures.awk -v series=NAME -v cores=N [-v as=table] - one series of
# growth: what grows, and the overhead an event of ouro and of heaptrack in ns.
# Of a run in several threads that is what it takes of a core: each thread's share
# of the events is done at the same time, on as many cores as there are.

function ns(r, x, tool) {
    if (!has(r, "ns." tool))
        return "?"
    if (series == "threads")
        x = x < cores ? x : cores
    else
        x = 1
    return sprintf("%.1f", x * (m[r, "ns." tool] - m[r, "ns.native"]))
}

END {
    if (as == "table") {
        print "| " series " | native, ns | ouro | heaptrack |"
        print "| --: | --: | --: | --: |"
    }
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (split(r, part, ":") != 3 || part[1] != "growth" || part[2] != series || !has(r, "ns.ouro"))
            continue
        x = part[3]
        if (as == "table")
            printf "| %s | %s | %s | %s |\n", x, m[r, "ns.native"], ns(r, x, "ouro"),
                has(r, "ns.heaptrack") ? ns(r, x, "heaptrack") : ""
        else
            print x, ns(r, x, "ouro"), ns(r, x, "heaptrack")
    }
}
