# SPDX-License-Identifier: MIT
# hashes.pl ROUNDS - hashes of arrays with strings of many lengths, one after the
# other
use strict;
use warnings;

my $drawn = 20261;
for (1 .. $ARGV[0]) {
    my %h;
    for (1 .. 100_000) {
        $drawn = $drawn * 16807 % 2147483647;
        $h{$_} = [$_, 'x' x ($drawn % 60)];
    }
}
