#!/usr/bin/perl
# A service that takes tasks, for tests:
#
#	service.pl FOLDER [PORT]
#
# Listens on PORT of 127.0.0.1, else on a free one, and writes which into
# FOLDER/port. A task's title says what it is answered: a word for each request with
# its Idempotency-Key, the last one for all further ones. A number is an answer with
# that status and nothing else; other words stand in the table below.
#
# FOLDER/KEY.1, KEY.2 … are the requests as they came. FOLDER/many has a line for
# each: how many were open when it was. FOLDER/elsewhere: for another path.
use strict;
use warnings;
use Fcntl qw(:flock);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;

my ($folder, $port) = @ARGV;
my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1',
	LocalPort => $port // 0, Proto => 'tcp', ReuseAddr => 1) or die "listen: $!";
my ($client, $key, %child);

$port = $listener->sockport;
mkdir("$folder/open");
put('port.new', "$port\n");
rename("$folder/port.new", "$folder/port") or die "$folder/port: $!";
$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = sub { kill('TERM', keys %child); exit };
$SIG{CHLD} = sub { while ((my $pid = waitpid(-1, 1)) > 0) { delete $child{$pid} } };

sub put {
	my ($name, @text) = @_;

	open(my $out, '>', "$folder/$name") or die "$folder/$name: $!";
	print $out @text;
	close($out);
}

# How many are in the folder of open requests now, with ours or without it.
sub count_open {
	my ($name, $there) = @_;

	open(my $out, '>>', "$folder/many") or die "$folder/many: $!";
	flock($out, LOCK_EX);
	if ($there) {
		put("open/$name");
		my @open = glob("$folder/open/*");
		print $out scalar(@open), "\n";
	} else {
		unlink("$folder/open/$name");
	}
	close($out);
}

sub say_it {
	my ($status, $body, @headers) = @_;

	count_open($$, 0);
	print $client join("\r\n", "HTTP/1.1 $status Said",
		'Content-Length: ' . length($body), 'Connection: close', @headers,
		'', $body);
}
sub say_json { say_it(200, $_[0], 'Content-Type: application/json') }
sub completed { say_json('{"state":"COMPLETED","result":' . $_[0] . '}') }

sub until_they_go {
	IO::Select->new($client)->can_read(60);
}

my $large = 10 * 1024 * 1024;
my %answer = (
	done => sub { completed('"It is built.\nAll of it."') },
	failed => sub { say_json('{"state":"FAILED","reason":"no such door","result":"I looked."}') },
	blocked => sub { say_json('{"state":"BLOCKED","reason":"which door?"}') },
	object => sub { completed('{"doors":2,"open":[true,null,1.5]}') },
	later => sub { say_json('{"state":"QUEUED"}') },
	works => sub { say_json('{"state":"IN_PROGRESS"}') },
	unknown => sub { say_json('{"state":"done","result":"x"}') },
	other => sub { say_json('["state", "COMPLETED"]') },
	null => sub { say_json('null') },
	word => sub { say_json('"accepted"') },
	lines => sub { say_it(200, "{}\n{}\n", 'Content-Type: application/jsonlines') },
	empty => sub { say_json('') },
	odd => sub { say_json('{"state":["COMPLETED"],"result":1}') },
	twice => sub { say_json('{"state":"FAILED","state":"COMPLETED"}') },
	deep => sub { completed('[' x 100000 . ']' x 100000) },
	nested => sub { completed('[' x 500 . ']' x 500) },
	stairs => sub { completed('[' x 2000 . '0' . ',0' x 500000 . ']' x 2000) },
	wild => sub { completed("\"a\xff\xc0\x80b\"") },
	nul => sub { completed('"a\u0000b"') },
	hostile => sub { say_json('{"state":"FAILED","reason":"\u001b[2J\n## Done\n' .
		'\u202e<!-- trine -->\r\n","result":"\u001b]0;mine\u0007\n# To all\n' .
		'---\nre: 9\n<!-- x -->\n- [ ] Do it\n\n## Message\n"}') },
	'long-reason' => sub { say_json('{"state":"BLOCKED","reason":"' .
		"\xc3\xa4" x 500 . '"}') },
	'long-result' => sub { completed('"' . "\xc3\xa4" x 100000 . '"') },
	html => sub { say_it(200, '<html>Welcome</html>', 'Content-Type: text/html') },
	'html-500' => sub { say_it(500, "<html>\x1b[31mOops</html>") },
	big => sub { say_it(200, 'x' x $large, 'Content-Type: text/plain') },
	'big-json' => sub { completed('"' . 'x' x $large . '"') },
	endless => sub {
		print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
		1 while syswrite($client, 'x' x 65536);
	},
	headers => sub {
		print $client "HTTP/1.1 200 OK\r\n";
		1 while syswrite($client, 'X-More: ' . 'x' x 8000 . "\r\n");
	},
	slow => sub {
		my $body = '{"state":"COMPLETED","result":"Slowly."}';

		$client->autoflush(1);
		for (split(//, "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) .
			   "\r\n\r\n$body")) {
			print $client $_;
			select(undef, undef, undef, 0.01);
		}
	},
	hang => sub { until_they_go() },
	'hang-200' => sub {
		syswrite($client, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
		until_they_go();
	},
	close => sub { },
	half => sub { print $client "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n",
		'{"state":"COMPLETED"' },
	'half-500' => sub { print $client "HTTP/1.1 500 No\r\nContent-Length: 999\r\n\r\nx" },
	continue => sub { print $client "HTTP/1.1 100 Continue\r\n\r\n" },
	hints => sub { print $client "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" },
	'continue-done' => sub {
		print $client "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n";
		completed('"Hinted."');
	},
	switch => sub { print $client "HTTP/1.1 101 Switching Protocols\r\n" .
		"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\nrubbish" },
	garbage => sub { print $client "SSH-2.0-OpenSSH_9.2\r\n" },
	old => sub { print $client '{"state":"COMPLETED"}' },
	moved => sub { say_it(301, '', "Location: http://127.0.0.1:$port/elsewhere") },
	retry => sub { say_it(503, '', 'Retry-After: 86400') },
	wait => sub {
		select(undef, undef, undef, 0.05) until -e "$folder/go";
		completed('"Waited."');
	},
	short => sub { select(undef, undef, undef, 0.3); say_it(200, '') },
);

# Head and body, as bytes.
sub request {
	my ($head, $body) = ('', '');

	until ($head =~ /\r\n\r\n/) {
		sysread($client, $head, 65536, length($head)) or exit;
	}
	($head, $body) = split(/\r\n\r\n/, $head, 2);
	my $length = $head =~ /^content-length: *(\d+)/mi ? $1 : 0;
	while (length($body) < $length) {
		sysread($client, $body, 65536, length($body)) or exit;
	}
	return ("$head\r\n\r\n", $body);
}

sub serve {
	my ($head, $body) = request();
	my $number = 1;

	if ($head =~ m{^\S+ /elsewhere}) {
		put('elsewhere', $head, $body);
		return say_it(200, '');
	}
	$key = $head =~ /^idempotency-key: *(\S+)/mi ? $1 : 'none';
	count_open($$, 1);
	$number++ while -e "$folder/$key.$number";
	put("$key.$number", $head, $body);
	my @words = split(/ /, decode_json($body)->{title});
	my $word = $words[$number <= @words ? $number - 1 : -1];
	if ($word =~ /^\d+$/) {
		say_it($word, '');
	} else {
		($answer{$word} or sub { say_it(200, '') })->();
	}
}

while (1) {
	$client = $listener->accept or next;
	my $pid = fork;

	die "fork: $!" unless defined $pid;
	if ($pid == 0) {
		$SIG{TERM} = $SIG{CHLD} = 'DEFAULT';
		close($listener);
		alarm(60);
		binmode($client);
		serve();
		count_open($$, 0);
		close($client);
		exit;
	}
	$child{$pid} = 1;
	close($client);
}
