#!/usr/bin/perl
# A service that says how it is, for tests:
#
#	health.pl PORT
#
# Each GET is answered as the file `mood` of its folder says: a status of HTTP; hang,
# never; slow, after 1.2 s; cut, with nothing. Without the file: 200. Paths are noted in
# the file `asked`.
use strict;
use warnings;
use IO::Socket::INET;

my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1',
	LocalPort => $ARGV[0], Proto => 'tcp', ReuseAddr => 1) or die "listen: $!";
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
while (1) {
	my $client = $listener->accept or next;
	if (fork) { close($client); next }
	my ($request, $mood) = ('', '200');
	while (my $line = <$client>) {
		last if $line =~ /^\r?$/;
		$request .= $line;
	}
	if (open(my $file, '<', 'mood')) { chomp($mood = <$file> // '200') }
	open(my $asked, '>>', 'asked');
	print $asked $request =~ /^GET (\S+)/, "\n";
	close($asked);
	sleep(1000) if $mood eq 'hang';
	exit if $mood eq 'cut';
	if ($mood eq 'slow') { select(undef, undef, undef, 1.2); $mood = 200 }
	my $body = "as $mood\n";
	print $client "HTTP/1.1 $mood Mood\r\nLocation: http://127.0.0.1:1/\r\n",
		'Content-Length: ', length($body), "\r\nConnection: close\r\n\r\n", $body;
	close($client);
	exit;
}
