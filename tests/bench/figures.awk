# figures.awk - reads what medians.awk wrote: row[1..n_rows] in their order,
# m[ROW, KEY] the medians, low[] and high[] the extremes; and what tables.awk and
# budgets.awk both reckon

BEGIN { FS = "\t" }

{
    if (!($1 in seen)) {
        seen[$1] = 1
        row[++n_rows] = $1
    }
    m[$1, $2] = $3
    low[$1, $2] = $4
    high[$1, $2] = $5
}

function has(r, key) {
    return (r, key) in m
}

# Seconds that starting a program under a tool takes.
function start(tool) {
    return m["start", "wall." tool] - m["start", "wall.native"]
}

# What is left of a run when the start is taken away, over native: ns an event.
function over(r, tool) {
    return (m[r, "wall." tool] - m[r, "wall.native"] - start(tool)) * 1e9 / m[r, "events"]
}

# The same of the least of each tool's runs, which others on the machine disturb
# less than the medians.
function over_least(r, tool,    begin) {
    begin = low["start", "wall." tool] - low["start", "wall.native"]
    return (low[r, "wall." tool] - low[r, "wall.native"] - begin) * 1e9 / m[r, "events"]
}

function wall_ratio(r, tool) {
    return m[r, "wall." tool] / m[r, "wall.native"]
}

# Of events alone, where they were recorded without a snapshot too.
function raw_each(r) {
    return bytes_each(r, has(r, "bytes.nosnap") ? "nosnap" : "ouro")
}

function bytes_each(r, what) {
    return m[r, "bytes." what] / m[r, "events"]
}
