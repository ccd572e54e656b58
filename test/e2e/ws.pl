# A client of real time that does as it likes, for tests:
#	ws.pl PORT TOKEN COMPUTER [-o ORIGIN] [ACTION...]
# It connects, prints the status of HTTP, and does each ACTION in turn:
#	send:TEXT	a frame of text
#	binary:TEXT	a frame of bytes
#	part:TEXT	the beginning of a frame that goes on
#	big:N		a frame of N bytes
#	many:N:TEXT	the same frame N times
#	deaf:S		read nothing for S seconds
#	wait:S		read for S seconds, or until the other side ends it
# What comes in is printed, one frame a line; the end as "closed CODE WHY".
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;
use Time::HiRes qw(time);

$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($port, $token, $computer, @actions) = @ARGV;
my $more = '';
if (@actions && $actions[0] eq '-o') {
	shift @actions;
	$more = 'Origin: ' . shift(@actions) . "\r\n";
}
my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
	or die "no connection\n";
print $s "GET / HTTP/1.1\r\nHost: 127.0.0.1:$port\r\nUpgrade: websocket\r\n"
	. "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	. "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: trine\r\n"
	. "Authorization: Bearer $token\r\nTrine-Computer: $computer\r\n$more\r\n";
my $in = '';
my $got;
while ($in !~ /\r\n\r\n/ && sysread($s, $got, 4096)) {
	$in .= $got;
}
print $in =~ m{^HTTP/1\.[01] (\d+)} ? "$1\n" : "no answer: $in\n";
exit 1 if $in !~ m{^HTTP/1\.1 101};
$in =~ s/.*?\r\n\r\n//s;

sub frame {	# OPCODE FINAL TEXT, masked
	my ($opcode, $final, $text) = @_;
	my $len = length $text;
	my $head = pack('C', $opcode | ($final ? 0x80 : 0));
	$head .= $len < 126 ? pack('C', 0x80 | $len) :
		$len < 65536 ? pack('Cn', 0x80 | 126, $len) :
		pack('CQ>', 0x80 | 127, $len);
	$text = $head . "\0\0\0\0" . $text;
	while (length $text) {
		my $n = syswrite($s, $text) or return;
		substr($text, 0, $n) = '';
	}
}

sub take {	# whole frames of $in
	while (length $in >= 2) {
		my ($a, $len) = unpack 'CC', $in;
		my $at = 2;
		if ($len == 126) {
			return if length $in < 4;
			$len = unpack 'n', substr $in, 2;
			$at = 4;
		} elsif ($len == 127) {
			return if length $in < 10;
			$len = unpack 'Q>', substr $in, 2;
			$at = 10;
		}
		return if length $in < $at + $len;
		my $text = substr $in, $at, $len;
		substr($in, 0, $at + $len) = '';
		if (($a & 15) == 8) {
			printf "closed %d %s\n", unpack('n', $text . "\0\0"),
				substr("$text  ", 2);
			exit 0;
		}
		frame(10, 1, $text) if ($a & 15) == 9;
		print "$text\n" if ($a & 15) < 3;
	}
}

sub wait_for {
	my $until = time + $_[0];
	my $select = IO::Select->new($s);
	while ((my $left = $until - time) > 0) {
		next if !$select->can_read($left);
		my $bytes;
		if (!sysread($s, $bytes, 65536)) {
			print "closed\n";
			exit 0;
		}
		$in .= $bytes;
		take();
	}
}

take();
for (@actions) {
	my ($what, $rest) = split /:/, $_, 2;
	frame(1, 1, $rest) if $what eq 'send';
	frame(2, 1, $rest) if $what eq 'binary';
	frame(1, 0, $rest) if $what eq 'part';
	frame(1, 1, 'x' x $rest) if $what eq 'big';
	if ($what eq 'many') {
		my ($times, $text) = split /:/, $rest, 2;
		frame(1, 1, $text) for 1 .. $times;
	}
	sleep $rest if $what eq 'deaf';
	wait_for($rest) if $what eq 'wait';
}
