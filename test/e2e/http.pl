# perl http.pl HOST:PORT WHAT [ARG…]: clients that curl is none of.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

my ($host, $what, @arg) = @ARGV;
$SIG{PIPE} = 'IGNORE';

sub connect_to {
	my $s = IO::Socket::INET->new(PeerAddr => $host, Timeout => 10)
		or die "connect: $!\n";
	$s->autoflush(1);
	return $s;
}

# All that comes until the other end closes, or for so many seconds.
sub drain {
	my ($s, $most) = @_;
	my ($until, $all, $select) = (time + $most, '', IO::Select->new($s));
	while ((my $left = $until - time) > 0) {
		next unless $select->can_read($left);
		my $got = sysread $s, my $bytes, 65536;
		return ($all, 1) unless $got;
		$all .= $bytes;
	}
	return ($all, 0);
}

sub head { return "GET $_[0] HTTP/1.1\r\nHost: $host\r\n" }

# Bytes as they are given, with \r \n \xNN; prints what comes back.
sub raw {
	my ($bytes, $most) = @_;
	$bytes =~ s/\\r/\r/g; $bytes =~ s/\\n/\n/g; $bytes =~ s/\\x(..)/chr hex $1/ge;
	$bytes =~ s/HOST/$host/g;
	my $s = connect_to();
	syswrite $s, $bytes;
	my ($all, $closed) = drain($s, $most // 2);
	print $all, $closed ? "CLOSED\n" : "OPEN\n";
}

# N connections that do nothing, while COMMAND runs; then how many of them are left.
sub idle {
	my ($n, @command) = @_;
	my @all = map { connect_to() } 1 .. $n;
	my $rc = system @command;
	print "exit ", $rc >> 8, "\n";
	exit($rc >> 8);
}

# N connections at once, each with so many requests one after the other.
sub busy {
	my ($n, $times) = @_;
	my %left = map { my $s = connect_to(); ("$s" => [$s, $times, '']) } 1 .. $n;
	my $select = IO::Select->new(map { $_->[0] } values %left);
	my ($answers, $until) = (0, time + 60);
	syswrite $_->[0], head('/livez') . "\r\n" for values %left;
	while (%left && time < $until) {
		for my $s ($select->can_read(1)) {
			my $c = $left{"$s"};
			my $got = sysread $s, my $bytes, 4096;
			die "closed after $answers answers\n" unless $got;
			$c->[2] .= $bytes;
			next unless $c->[2] =~ s/^HTTP.*?\r\n\r\nok\n//s;
			$answers++;
			if (--$c->[1] > 0) {
				syswrite $s, head('/livez') . "\r\n";
			} else {
				$select->remove($s);
				delete $left{"$s"};
			}
		}
	}
	print "$answers answers\n";
}

# A byte each half second: says how long it took until it was cut off.
sub slow {
	my ($bytes, $most) = @_;
	$bytes =~ s/\\r/\r/g; $bytes =~ s/\\n/\n/g; $bytes =~ s/HOST/$host/g;
	my ($s, $began) = (connect_to(), time);
	my $select = IO::Select->new($s);
	my $at = index($bytes, '|');
	syswrite $s, substr($bytes, 0, $at) if $at > 0;
	for my $byte (split(//, substr($bytes, $at + 1)), ('x') x 1000) {
		last if time - $began > $most;
		syswrite $s, $byte;
		next unless $select->can_read(0.5);
		next if sysread $s, my $all, 65536;
		printf "cut off after %d s\n", time - $began;
		return;
	}
	print "never cut off\n";
}

# Asks N times for something, and takes nothing of it for so many seconds.
sub deaf {
	my ($n, $path, $token, $seconds) = @_;
	my $s = connect_to();
	syswrite $s, (head($path) . "Authorization: Bearer $token\r\n\r\n") x $n;
	sleep $seconds;
}

# N connections that wait for a task; says how many of them were refused.
sub crowd {
	my ($n, $token, $session) = @_;
	my $json = "{\"session\":\"$session\",\"wait\":\"20s\"}";
	my (@all, %seen);
	for (1 .. $n) {
		my $s = connect_to();
		syswrite $s, "POST /api/tasks/next HTTP/1.1\r\nHost: $host\r\n" .
			"Authorization: Bearer $token\r\nContent-Type: application/json" .
			"\r\nContent-Length: " . length($json) . "\r\n\r\n$json";
		push @all, $s;
	}
	my ($select, $until) = (IO::Select->new(@all), time + 10);
	while (time < $until && ($seen{503} // 0) < $arg[3]) {
		for my $s ($select->can_read(1)) {
			$select->remove($s);
			sysread $s, my $bytes, 4096;
			$seen{$1}++ if $bytes =~ /^HTTP\/1\.1 (\d+)/;
		}
	}
	print join(' ', map { "$_:$seen{$_}" } sort keys %seen), "\n";
}

# N streams of events: says so as soon as all of them are open, and again when each has
# got so many.
sub streams {
	my ($n, $token, $events) = @_;
	my %left = map { my $s = connect_to(); ("$s" => [$s, '', 0]) } 1 .. $n;
	my $select = IO::Select->new(map { $_->[0] } values %left);
	syswrite $_->[0], head('/api/events?type=task.added') .
		"Authorization: Bearer $token\r\n\r\n" for values %left;
	my ($open, $until) = (0, time + 60);
	$| = 1;
	while (%left && time < $until) {
		for my $s ($select->can_read(1)) {
			my $c = $left{"$s"};
			sysread $s, my $bytes, 65536 or die "closed\n";
			print "open\n" if $c->[1] eq '' && ++$open == $n;
			$c->[1] .= $bytes;
			my $got = () = $c->[1] =~ /^id: \d+$/mg;
			next if $got < $events;
			die "$got events\n" if $got > $events;
			$select->remove($s);
			delete $left{"$s"};
		}
	}
	print keys(%left) . " lack some\n";
}

# So many requests in one write: prints how many answers came.
sub pipeline {
	my ($n, $path, $token) = @_;
	my $s = connect_to();
	syswrite $s, (head($path) . "Authorization: Bearer $token\r\n\r\n") x $n;
	my ($all) = drain($s, 5);
	my $count = () = $all =~ /^HTTP\/1\.1 200/mg;
	print "$count answers\n";
}

# Half a body, and gone.
sub cut {
	for (1 .. 20) {
		my $s = connect_to();
		syswrite $s, "POST /api/tasks HTTP/1.1\r\nHost: $host\r\nAuthorization: " .
			"Bearer $arg[0]\r\nContent-Type: application/json\r\n" .
			"Content-Length: 100\r\n\r\n{\"title\":";
		close $s;
	}
	print "20 cut\n";
}

# So many changes as fast as it goes: how many were made, how many refused.
sub flood {
	my ($n, $token, $session) = @_;
	my ($s, %seen, $retry) = (connect_to());
	my $json = '{}';
	for my $i (1 .. $n) {
		syswrite $s, "POST /api/tasks/NONE/start HTTP/1.1\r\nHost: $host\r\n" .
			"Authorization: Bearer $token\r\nTrine-Session: $session\r\n" .
			"Content-Type: application/json\r\nContent-Length: " .
			length($json) . "\r\n\r\n$json";
		my $all = '';
		while ($all !~ /\r\n\r\n.*\n\z/s) {
			sysread $s, my $bytes, 4096 or die "closed\n";
			$all .= $bytes;
		}
		$seen{$1}++ if $all =~ /^HTTP\/1\.1 (\d+)/;
		$retry = 1 if $all =~ /^retry-after: 1\r/mi;
	}
	print join(' ', map { "$_:$seen{$_}" } sort keys %seen), $retry ? " retry\n" : "\n";
}

no strict 'refs';
&$what(@arg);
