# perl api.pl URL TOKEN PID: go through all that /api/openapi.json describes, call each
# operation, and measure its answer against the schema it is described with. PID is a
# process to be a session's. Says what is wrong, and ends with 1; else how many it called.
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;

my ($url, $token, $pid) = @ARGV;
my ($host) = $url =~ m,^http://(.*)$, or die "URL: $url\n";
my $wrong = 0;

sub wrong { print "WRONG: @_\n"; $wrong++ }

# (status, type, body)
sub ask {
	my ($method, $path, $body, $open) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => $host, Timeout => 5) or die "$host: $!\n";
	my $text = defined $body ? encode_json($body) : '';
	my $head = "$method $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n";
	$head .= "Authorization: Bearer $token\r\n" unless $open;
	$head .= "Content-Type: application/json\r\nContent-Length: " . length($text) . "\r\n"
		if $method eq 'POST';
	print $s "$head\r\n$text";
	my $answer = '';
	if ($path =~ m,^/api/events,) {
		# it does not end by itself
		my $until = time + 5;
		while ($answer !~ /\n\nid: \d+\n/ && time < $until) {
			sysread($s, my $bytes, 4096) or last;
			$answer .= $bytes;
		}
	} else {
		local $/;
		$answer = <$s>;
	}
	my ($h, $b) = split /\r\n\r\n/, $answer // '', 2;
	my ($status) = ($h // '') =~ m,^HTTP/1\.1 (\d+),;
	my ($type) = ($h // '') =~ /^content-type: *([^;\r\n]+)/mi;
	return ($status // 0, $type // '', $b // '');
}

# ---- schemas ----

my $api;

sub kind {
	my ($v) = @_;
	return 'null' unless defined $v;
	return 'boolean' if JSON::PP::is_bool($v);
	return 'array' if ref $v eq 'ARRAY';
	return 'object' if ref $v eq 'HASH';
	my $text = encode_json([$v]);
	return $text =~ /^\["/ ? 'string' : $text =~ /^\[-?\d+\]$/ ? 'integer' : 'number';
}

sub check {
	my ($v, $s, $where) = @_;
	if (my $ref = $s->{'$ref'}) {
		my ($name) = $ref =~ m,^#/components/schemas/(.*)$,;
		my $to = $api->{components}{schemas}{$name};
		return wrong("$where: no schema $ref") unless $to;
		return check($v, $to, $where);
	}
	return unless defined $s->{type};
	my @types = ref $s->{type} ? @{$s->{type}} : ($s->{type});
	my $kind = kind($v);
	return wrong("$where is $kind, not @types") unless grep { $_ eq $kind } @types;
	if ($kind eq 'string' && $s->{enum}) {
		wrong("$where: $v is none of @{$s->{enum}}")
			unless grep { $_ eq $v } @{$s->{enum}};
	} elsif ($kind eq 'string' && ($s->{format} // '') eq 'date-time') {
		wrong("$where: $v is no time") unless $v =~ /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/;
	} elsif ($kind eq 'array') {
		check($v->[$_], $s->{items}, "$where\[$_]") for 0 .. $#$v;
	} elsif ($kind eq 'object') {
		for my $name (@{$s->{required} // []}) {
			wrong("$where lacks $name") unless exists $v->{$name};
		}
		for my $name (sort keys %$v) {
			my $of = $s->{properties}{$name} // $s->{additionalProperties};
			next if !$s->{properties} && !defined $of;
			if (!defined $of) {
				wrong("$where.$name is described nowhere");
			} else {
				check($v->{$name}, $of, "$where.$name");
			}
		}
	}
}

# ---- what is asked, in this order ----

my ($task, $gate, $lock, $reservation, $message, $theirs, $alert);
my @plan = (
	session_start => sub { {}, { pid => $pid + 0, name => 'Walker' } },
	session_list => sub { {} },
	session_show => sub { { name => 'Walker' } },
	session_beat => sub { { name => 'Walker' }, { doing => 'walking' } },
	task_add => sub { {}, { title => 'One', priority => 'high', labels => ['ui'] } },
	task_list => sub { {} },
	task_next => sub { {}, { session => 'Walker', wait => '1s' } },
	task_show => sub { { id => $task } },
	task_claim => sub { { id => $task }, { session => 'Walker' } },
	task_start => sub { { id => $task }, { session => 'Walker' } },
	task_progress => sub { { id => $task }, { session => 'Walker', text => 'half' } },
	task_block => sub { { id => $task }, { session => 'Walker', reason => 'Which?' } },
	task_release => sub { { id => $task }, { session => 'Walker' } },
	task_claim => sub { { id => $task }, { session => 'Walker' } },
	task_done => sub { { id => $task }, { session => 'Walker', result => 'Yes' } },
	task_claim => sub { { id => 'WALK' }, { session => 'Walker', title => 'Made' } },
	task_fail => sub { { id => 'WALK' }, { session => 'Walker', result => 'No' } },
	task_add => sub { {}, { title => 'Two', name => 'NOT' } },
	task_cancel => sub { { id => 'NOT' }, { reason => 'Not needed' } },
	task_add => sub { {}, { title => 'Gate', name => 'GATE', approvals => 1,
				session => 'Other' } },
	task_approve => sub { { id => 'GATE' }, { session => 'Walker' } },
	task_add => sub { {}, { title => 'Gate', name => 'SHUT', approvals => 1,
				session => 'Other' } },
	task_veto => sub { { id => 'SHUT' }, { session => 'Walker', reason => 'No' } },
	lock_acquire => sub { { name => 'walk' }, { session => 'Walker', wait => '1s' } },
	lock_list => sub { {} },
	lock_renew => sub { { name => 'walk' }, { token => $lock } },
	lock_release => sub { { name => 'walk' }, { token => $lock } },
	lock_acquire => sub { { name => 'walk' }, { session => 'Walker' } },
	lock_break => sub { { name => 'walk' }, { reason => 'for a test' } },
	reserve => sub { {}, { session => 'Walker', folder => '/tmp', globs => ['a/**'] } },
	reservation_list => sub { {} },
	check => sub { { path => 'a/b', folder => '/tmp' } },
	reservation_release => sub { {}, { session => 'Walker', id => $reservation } },
	state_set => sub { { key => 'leader' }, { value => 'Walker', if => 0 } },
	state_get => sub { { key => 'leader' } },
	state_list => sub { {} },
	message_send => sub { {}, { to => '2', title => 'Hello', body => 'Text.' } },
	message_show => sub { { id => $message } },
	message_retract => sub { { id => $message } },
	message_list => sub { { all => 'true', bodies => 'true' } },
	message_read => sub { { id => $theirs } },
	message_reply => sub { { id => $theirs }, { title => 'Yes', from => 'builder' } },
	message_search => sub { { text => 'hello' } },
	alert_raise => sub { {}, { text => 'The disk is full', session => 'Walker' } },
	alert_list => sub { {} },
	status => sub { {} },
	alert_clear => sub { { id => $alert }, { why => 'cleaned up' } },
	alert_list => sub { { all => '1' } },
	route_explain => sub { {}, { text => 'Fix the login', labels => ['ui'], prefer => 'speed' } },
	cycle_list => sub { {} },
	computer_list => sub { {} },
	instance_list => sub { {} },
	instance_stop => sub { { name => 'walker' } },
	instance_restart => sub { { name => 'walker' } },
	instance_start => sub { { name => 'walker' } },
	sync => sub { {}, {} },
	facts => sub { {} },
	dashboard => sub { {} },
	page => sub { {} },
	livez => sub { {} },
	readyz => sub { { verbose => '' } },
	metrics => sub { {} },
	openapi => sub { {} },
	events => sub { { since => 0 } },
	session_adopt => sub { { name => gone() }, { pid => $pid + 0 } },
	session_end => sub { { name => 'Gone' } },
);

# A session whose process is gone.
sub gone {
	my $child = fork // die;
	if (!$child) { sleep 100; exit }
	ask('POST', '/api/sessions', { pid => $child, name => 'Gone' });
	kill 'KILL', $child;
	waitpid $child, 0;
	# only one session of a process: what went on as Walker goes on as this one
	ask('POST', '/api/sessions/Walker/end', {});
	return 'Gone';
}

# What later steps need of an answer.
sub keep {
	my ($name, $json) = @_;
	$task = $json->{id} if $name eq 'task_add' && !defined $task;
	$lock = $json->{token} if $name eq 'lock_acquire';
	$reservation = $json->{id} if $name eq 'reserve';
	$message = $json->{id} if $name eq 'message_send';
	$alert = $json->{id} if $name eq 'alert_raise';
	($theirs) = map { $_->{id} } @{$json->{messages}} if $name eq 'message_list';
}

# ---- and asked ----

my ($status, undef, $text) = ask('GET', '/api/openapi.json');
die "openapi.json: $status\n" unless $status == 200;
$api = decode_json($text);
my (%operation, %called);
for my $path (sort keys %{$api->{paths}}) {
	for my $method (keys %{$api->{paths}{$path}}) {
		my $o = $api->{paths}{$path}{$method};
		wrong("$o->{operationId} is there twice") if $operation{$o->{operationId}};
		$operation{$o->{operationId}} = [uc $method, $path, $o];
	}
}
# another session, of the process that started us
ask('POST', '/api/sessions', { pid => getppid(), name => 'Other' });

my @skip = split / /, $ENV{SKIP} // '';
while (my ($name, $with) = splice @plan, 0, 2) {
	next if grep { $_ eq $name } @skip;
	my $found = $operation{$name};
	wrong("$name is not described"), next unless $found;
	my ($method, $path, $o) = @$found;
	my ($parts, $body) = $with->();
	my %left = %$parts;
	$path =~ s/\{(\w+)\}/delete $left{$1}/ge;
	$path .= '?' . join('&', map { "$_=$left{$_}" } sort keys %left) if %left;
	my ($got, $type, $answer) = ask($method, $path, $body // ($method eq 'POST' ? {} :
		undef), $o->{security} && !@{$o->{security}});
	my $content = $o->{responses}{200}{content};
	wrong("$name: $got $answer"), next
		unless $got == 200 || ($name eq 'readyz' && $got == 503);
	wrong("$name: $type is not described") unless $content->{$type};
	$called{$name}++;
	if ($type eq 'application/json') {
		my $json = decode_json($answer);
		check($json, $content->{$type}{schema}, $name);
		keep($name, $json);
	}
}
for my $name (sort keys %operation) {
	wrong("$name was not called") unless $called{$name} || grep { $_ eq $name } @skip;
}

# What is not described is not there.
for my $path ('/api', '/api/', '/api/nothing', '/api/tasks/', '/api/tasks/x/y',
	      '/api/tasks/x/claim/', '/../etc/passwd', '/api/state/a/b', '/api/openapi') {
	my ($got) = ask('GET', $path);
	wrong("GET $path: $got") unless $got == 404;
}
for my $name (sort keys %operation) {
	my ($method, $path) = @{$operation{$name}};
	my $other = $method eq 'GET' ? 'POST' : 'GET';
	next if $api->{paths}{$path}{lc $other};
	# one that fits another pattern is asked as that
	$path =~ s/\{(\w+)\}/zzz/g;
	my ($got) = ask($other, $path, $other eq 'POST' ? {} : undef);
	wrong("$other $path: $got") unless $got == 405 || $got == 404;
}
print scalar(keys %called), " operations\n";
exit($wrong ? 1 : 0);
