#!/bin/sh
# growth_notes.sh - sourced by results.sh: what each plot of growth shows, and why

growth_series() {
    series blocks "blocks alive" 0 "Not flat, though the
guest keeps no table of blocks and does the same for each event: blocks that are
drawn at random lie apart, so the program itself misses caches and the TLB more
and more (see native), and pushes out what the guest remembers between two
events; and addresses far apart take longer records (at 1e7 blocks 12 bytes an
event instead of 7), whose pages the kernel has to clear."
    series stacks "call stacks" 0 "Flat but for
noise: the guest keeps no table of stacks, a record says which frames are new.
It is more than at a depth of 20 elsewhere because here six frames change from
each event to the next. heaptrack looks each stack up in a tree, which leaves the
caches."
    series threads "threads" 1 "What an event takes
of a core, on $(nproc) cores, so further threads take turns. Flat: no line of memory is
written by two threads for an event. heaptrack has one lock."
    series depth "frames deep" 1 "Not flat, but no
walk either: frames that stand since the last event are not unwound again, but
each word that they rest on is read again and compared, which takes the longer
the more there are. heaptrack keeps 64 frames and unwinds no further."
    series length "events" 0 "Flat as far as
other programs let it be: the trace grows by pieces of the file that are
mapped, and memory does not grow with it; the kernel writes the pages back
meanwhile, on the other core."
}
