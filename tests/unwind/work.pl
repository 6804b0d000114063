# Work for the unwinder's test: sorts, regular expressions and recursion.
use strict;
use warnings;

sub nest {
    my ($n) = @_;
    return $n == 0 ? [ map { "x" x $_ } 1 .. 5 ] : nest( $n - 1 );
}

my %h;
for my $i ( 1 .. 3000 ) {
    $h{$i} = [ map { "$_" x 3 } 1 .. 10 ];
    nest( $i % 60 );
}
my $s = join ",", sort { $a <=> $b } keys %h;
$s =~ s/(\d+)/<$1>/g;
print eval "length(\$s)", "\n";
