#!/usr/bin/perl
# Clients of a hub, for test/bench/realtime.sh:
#	realtime.pl latency FROM TO COUNT	from `trine send` on one to its record on the other
#	realtime.pl alerts FROM COUNT TO…	from `trine alert` to the record on the last of them
#	realtime.pl crowd PORT PEERS IDLE BUSY RATE SECONDS
# A crowd has IDLE clients that say nothing, and BUSY ones that each send RATE messages a
# second to the next of them, with the tokens of the folder PEERS.
use strict;
use warnings;
use IO::Poll qw(POLLIN);
use IO::Socket::INET;
use Time::HiRes qw(time sleep);

sub figures {
	my @t = sort { $a <=> $b } @_;
	return @t ? sprintf('p50 %.0f ms, p99 %.0f ms, most %.0f ms',
		1000 * $t[$#t * 0.5], 1000 * $t[$#t * 0.99], 1000 * $t[-1]) : 'none';
}

# ---- from one computer to another ----

my $trine = $ENV{TRINE} or die "TRINE is to name the program\n";

sub log_of {	# a computer's, at its end
	my $path = "$_[0]/.trine/event-log.jsonl";
	open my $fh, '<', $path or die "$path: $!\n";
	seek $fh, 0, 2;
	return $fh;
}

sub say_it {	# COMMAND: the id of what it sends
	my $said = `$trine $_[0]`;
	return $said =~ /(\d+_TO_(?:\d+|ALL)\.\d+)/ ? $1 : die "nothing was sent\n";
}

sub wait_for_record {	# of ID in a log; was it early?
	my ($fh, $id) = @_;
	my $until = time + 20;
	while (time < $until) {
		while (my $line = <$fh>) {
			return $line =~ /"early":true/ ? 1 : 0
				if $line =~ /"message.received".*"\Q$id\E"/;
		}
		seek $fh, 0, 1;
		sleep 0.001;
	}
	die "$id does not come\n";
}

sub latency {
	my ($from, $to, $count) = @_;
	my $fh = log_of($to);
	my ($number) = $to =~ /(\d+)$/;
	my (@took, @sent);
	for my $n (1 .. $count) {
		my $began = time;
		my $id = say_it("-C $from send $number -m 'Number $n'");
		push @sent, time - $began;
		wait_for_record($fh, $id);
		push @took, time - $began;
	}
	print "  $count messages, one after the other: ", figures(@took),
		" (`trine send` itself: ", figures(@sent), ")\n";
}

sub alerts {
	my ($from, $count, @to) = @_;
	my @logs = map { log_of($_) } @to;
	my (@took, $early);
	for my $n (1 .. $count) {
		my $began = time;
		my $id = say_it("-C $from alert 'Number $n'");
		$early += wait_for_record($_, $id) for @logs;
		push @took, time - $began;
		system("$trine -C $from alert clear $id") == 0 or die "$id stays open\n";
	}
	printf "  %d alerts, known to %d computers, by git to %d of them: %s\n", $count,
		scalar @to, $count * @to - $early, figures(@took);
}

# ---- a crowd ----

my (%by_fd, @clients);

sub connect_one {
	my ($port, $computer, $token) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
		or die "no connection: $!\n";
	syswrite $s, "GET / HTTP/1.1\r\nHost: 127.0.0.1:$port\r\nUpgrade: websocket\r\n"
		. "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		. "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: trine\r\n"
		. "Authorization: Bearer $token\r\nTrine-Computer: $computer\r\n\r\n";
	my $client = { s => $s, in => '', open => 0, computer => $computer };
	$by_fd{fileno $s} = $client;
	return $client;
}

sub frame {
	my ($opcode, $text) = @_;
	my $len = length $text;
	my $head = pack 'C', $opcode | 0x80;
	$head .= $len < 126 ? pack('C', 0x80 | $len) : pack('Cn', 0x80 | 126, $len);
	return $head . "\0\0\0\0" . $text;
}

my (@delays, $frames, $closed);

sub take {
	my $c = shift;
	if (!$c->{open}) {
		return if $c->{in} !~ s/^HTTP\/1\.1 101.*?\r\n\r\n//s;
		$c->{open} = 1;
	}
	while (length $c->{in} >= 2) {
		my ($a, $len) = unpack 'CC', $c->{in};
		my $at = 2;
		if ($len == 126) {
			return if length $c->{in} < 4;
			$len = unpack 'n', substr $c->{in}, 2;
			$at = 4;
		} elsif ($len == 127) {
			return if length $c->{in} < 10;
			$len = unpack 'Q>', substr $c->{in}, 2;
			$at = 10;
		}
		return if length $c->{in} < $at + $len;
		my $text = substr $c->{in}, $at, $len;
		substr($c->{in}, 0, $at + $len) = '';
		$frames++;
		syswrite $c->{s}, frame(10, $text) if ($a & 15) == 9;
		$closed++ if ($a & 15) == 8;
		push @delays, time - $1 if $text =~ /"at ([\d.]+)"/;
	}
}

sub turn {	# what came within $_[0] seconds
	my ($poll, $seconds) = @_;
	return if $poll->poll($seconds) <= 0;
	for my $s ($poll->handles(POLLIN)) {
		my $c = $by_fd{fileno $s};
		my $bytes;
		if (!sysread $s, $bytes, 65536) {
			$closed++;
			$poll->remove($s);
			next;
		}
		$c->{in} .= $bytes;
		take($c);
	}
}

sub token_of {
	my ($peers, $computer) = @_;
	my $path = "$peers/$computer.token";
	if (!-e $path) {
		umask 077;
		open my $out, '>', $path or die "$path: $!\n";
		printf $out "%064x\n", $computer;
		close $out;
	}
	open my $in, '<', $path or die "$path: $!\n";
	chomp(my $token = <$in>);
	return $token;
}

sub crowd {
	my ($port, $peers, $idle, $busy, $rate, $seconds) = @_;
	my $poll = IO::Poll->new;
	for my $n (1 .. $idle + $busy) {
		my $c = connect_one($port, $n + 9, token_of($peers, $n + 9));
		$poll->mask($c->{s} => POLLIN);
		push @clients, $c;
		turn($poll, 0) if $n % 20 == 0;
	}
	my $until = time + 20;
	turn($poll, 0.1) while (grep { !$_->{open} } @clients) && time < $until;
	my $open = grep { $_->{open} } @clients;
	printf "  %d of %d clients are in\n", $open, $idle + $busy;
	$| = 1;
	print "  ready\n";
	<STDIN>;
	my @senders = @clients[$idle .. $#clients];
	my ($began, $sent) = (time, 0);
	while (@senders && time - $began < $seconds) {
		my $due = int((time - $began) * $rate * @senders);
		for (; $sent < $due; $sent++) {
			my $c = $senders[$sent % @senders];
			my $to = $senders[($sent + 1) % @senders]{computer};
			my $seq = 1 + int($sent / @senders);
			syswrite $c->{s}, frame(1, sprintf('{"id":"%d_TO_%d.%d","type":"message",'
				. '"from":"%d","to":"%d","content":"%s\n","title":"at %.6f"}',
				$c->{computer}, $to, $seq, $c->{computer}, $to, 'x' x 400, time));
		}
		turn($poll, 0.001);
	}
	$until = time + 2;
	turn($poll, 0.05) while @delays < $sent && time < $until;
	printf "  %d sent, %d came, %d connections were ended: %s\n", $sent,
		scalar @delays, $closed // 0, figures(@delays) if $sent;
}

my $what = shift @ARGV;
my %does = (latency => \&latency, alerts => \&alerts, crowd => \&crowd);
$does{$what}->(@ARGV);
