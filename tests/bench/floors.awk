# floors.awk -f figures.awk - each row's ratio of overheads against its floor; ends
# with 1 where one is below

END {
    for (i = 1; i <= n_rows; i++) {
        r = row[i]
        if (!has(r, "floor"))
            continue
        ours = over(r, "ouro")
        ratio = ours > 0 ? over(r, "heaptrack") / ours : 1000
        low_ones += ratio < m[r, "floor"]
        printf "bench-quick: %-10s native %.3f s, ouro +%.3f s, heaptrack +%.3f s: %.1f times ours, at least %.1f wanted%s\n",
            r, m[r, "wall.native"], ours / 1e9, over(r, "heaptrack") / 1e9, ratio,
            m[r, "floor"], ratio < m[r, "floor"] ? ": BELOW" : ""
    }
    exit low_ones > 0
}
