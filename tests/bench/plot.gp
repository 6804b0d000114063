# plot.gp - one plot of growth: gnuplot -e 'data="..."; out="..."; what="..."'
# Columns of data: what grows, and the overhead an event in ns of ouro and of
# heaptrack ("?" where it was not measured).
set terminal svg size 560,320 noenhanced font 'sans-serif,12' background 'white'
set output out
set datafile missing '?'
set logscale x 10
set yrange [0:*]
set xlabel what
set ylabel 'ns an event over native'
set grid ytics linecolor '#dddddd'
set border 3
set tics nomirror
set autoscale xfix
set offsets graph 0.03, graph 0.03, 0, 0
set mxtics 1
set key above
if (plain) { unset logscale x; set xtics auto } else { set format x '10^%T' ; set termoption enhanced }
plot data using 1:2 with linespoints linewidth 2 pointtype 7 pointsize 0.6 linecolor '#1f6fb2' title 'ouro', \
     data using 1:3 with linespoints linewidth 2 pointtype 5 pointsize 0.5 linecolor '#c7522a' title 'heaptrack'
