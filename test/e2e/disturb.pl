#!/usr/bin/perl
# A bad line to a git server, for tests:
#
#	disturb.pl PORTFILE PORT SERVICE SIDE BYTES END
#
# Listens on a port of 127.0.0.1, which it writes to PORTFILE, and passes all
# on to PORT. Connections for SERVICE (git-upload-pack, git-receive-pack, any)
# are passed on up to BYTES of one SIDE:
#	down	what the server sends
#	answer	what it sends after the client's second word
#	up	what the client sends after its first word
# and END there: close both sides, stall for ever, go on slowly (a byte a second),
# lie (send what nobody asked for), or swallow the rest of that side while the
# other goes on to its end. PORT 0: there is no server at all.
# Ends by itself after a minute.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($file, $port, $service, $side, $bytes, $end) = @ARGV;
my $listener = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1',
	LocalPort => 0, Proto => 'tcp') or die "listen: $!";

open(my $out, '>', "$file.new") or die "$file: $!";
print $out $listener->sockport, "\n";
close($out);
rename("$file.new", $file) or die "$file: $!";
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
alarm(60);

while (1) {
	my $client = $listener->accept or next;
	my $child = fork;

	die "fork: $!" unless defined $child;
	if ($child == 0) {
		close($listener);
		alarm(60);
		pass($client);
		exit(0);
	}
	close($client);
}

sub send_all {
	my ($to, $text) = @_;

	while (length $text) {
		my $done = syswrite($to, $text) or return;
		substr($text, 0, $done) = '';
	}
}

sub stall {
	my ($client) = @_;

	# the client is gone when it can be read and there is nothing
	while (sysread($client, my $ignored, 65536)) { }
	exit(0);
}

sub drip {
	my ($to, $text) = @_;

	for my $byte (split //, $text) {
		syswrite($to, $byte) or exit(0);
		sleep(1);
	}
}

sub pass {
	my ($client) = @_;

	stall($client) if $port == 0;
	my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $port, Proto => 'tcp') or return;
	my $both = IO::Select->new($client, $server);
	my ($words, $passed, $disturbed) = (0, 0, 0);

	while (my @ready = $both->can_read) {
		for my $from (@ready) {
			my $up = $from == $client;
			my $to = $up ? $server : $client;
			my $got = sysread($from, my $text, 65536);

			if (!$got) {
				return unless $up;
				$both->remove($client);
				shutdown($server, 1);
				next;
			}
			if ($up && $words++ == 0) {
				$disturbed = $service eq 'any' ||
					index($text, $service) >= 0;
				send_all($to, $text);
				next;
			}
			my $counts = $disturbed && ($side eq 'up' ? $up :
				!$up && ($side eq 'down' || $words > 1));
			my $room = $bytes - $passed;

			if (!$counts || length $text <= $room) {
				$passed += length $text if $counts;
				send_all($to, $text);
				next;
			}
			send_all($to, substr($text, 0, $room)) if $room > 0;
			$passed = $bytes;
			return if $end eq 'close';
			drip($to, substr($text, $room)) if $end eq 'slow';
			send_all($to, "\xfe\x00\xff" x 100000) if $end eq 'lie';
			stall($client) if $end eq 'lie';
			stall($client) if $end eq 'stall';
		}
	}
}
