# medians.awk - figures, "ROW<tab>KEY<tab>VALUE" each, to a line for each row and
# key: ROW, KEY, median, least, greatest; in the order in which they came

BEGIN { FS = OFS = "\t" }

{
    name = $1 FS $2
    if (!(name in n))
        names[++n_names] = name
    value[name, ++n[name]] = $3
}

# Sorts what was noted under a name: a dozen values at most.
function arrange(name,    i, j, v) {
    for (i = 2; i <= n[name]; i++) {
        v = value[name, i]
        for (j = i - 1; j > 0 && value[name, j] + 0 > v + 0; j--)
            value[name, j + 1] = value[name, j]
        value[name, j + 1] = v
    }
}

END {
    for (k = 1; k <= n_names; k++) {
        name = names[k]
        arrange(name)
        print name, value[name, int((n[name] + 1) / 2)], value[name, 1], value[name, n[name]]
    }
}
