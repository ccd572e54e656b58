# perl claims.pl HOST:PORT TOKEN SESSION N: adds N tasks, and claims and ends each, as that
# session, on one connection; says how long a claim with its end took.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(time);

my ($host, $token, $session, $n) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $host) or die "$host: $!\n";

sub post {
	my ($path, $json) = @_;
	for (;;) {
		syswrite $s, "POST $path HTTP/1.1\r\nHost: $host\r\nAuthorization: Bearer " .
			"$token\r\nTrine-Session: $session\r\nContent-Type: " .
			"application/json\r\nContent-Length: " . length($json) .
			"\r\n\r\n$json";
		my $all = '';
		while ($all !~ /\r\n\r\n.*\n\z/s) {
			sysread $s, my $bytes, 65536 or die "closed\n";
			$all .= $bytes;
		}
		return if $all =~ /^HTTP\/1\.1 200/;
		die $all unless $all =~ /^HTTP\/1\.1 429/;
		select undef, undef, undef, 0.05;
	}
}

my @took;
for my $i (1 .. $n) {
	select undef, undef, undef, 0.015;	# fewer than a client may do in a second
	post('/api/tasks', "{\"name\":\"B$i\",\"title\":\"B $i\"}");
	my $began = time;
	post("/api/tasks/B$i/claim", '{}');
	post("/api/tasks/B$i/done", '{}');
	push @took, 1000 * (time - $began);
}
@took = sort { $a <=> $b } @took;
printf "p50 %.2f ms   p99 %.2f ms\n", $took[$n / 2], $took[$n * .99];
