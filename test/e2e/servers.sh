# The servers that people's fleets are really on, for tests: nginx with git's own
# backend, and sshd. On free ports of the loopback; lib.sh ends them with the point.
# shellcheck shell=sh

# it_with 'PROGRAM…' FUNCTION: a point that is skipped where one of them is missing.
it_with() {
	for _program in $1; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$_program" >/dev/null ||
			{ skip "$2" "no $_program"; return; }
	done
	it "$2"
}

# listening PORT: is there somebody?
listening() {
	perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(
		PeerAddr => "127.0.0.1", PeerPort => $ARGV[0])' "$1"
}

# on_a_free_port COMMAND…: run with $port set to one, until it succeeds.
on_a_free_port() {
	for _try in 1 2 3 4 5 6 7 8 9; do
		try_port "$_try"
		! listening "$port" || continue
		if "$@"; then return 0; fi
	done
	return 1
}

wait_for_port() {
	for _try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		if listening "$port"; then return 0; fi
		sleep 0.1 2>/dev/null || sleep 1
	done
	return 1
}

# ---- https ----

# start_nginx: hub.git at $remote, for the user ada with the password secret; her
# certificate is in cert.pem. Other paths answer as they are called.
start_nginx() {
	git -C hub.git config http.receivepack true
	printf 'ada:%s\n' "$(openssl passwd -apr1 secret)" >passwords
	certificate cert localhost
	fcgiwrap -s "unix:$PWD/backend" >fcgiwrap.log 2>&1 &
	echo $! >fcgiwrap.pid
	for _each in 1 2 3 4 5 6 7 8 9; do
		if [ -S backend ]; then break; fi
		sleep 0.1 2>/dev/null || sleep 1
	done
	on_a_free_port run_nginx
	remote=https://ada@localhost:$port/git/hub.git
}

certificate() { # FILE HOST
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-days 2 -subj "/CN=$2" -addext "subjectAltName=DNS:$2" \
		-keyout "$1.key" -out "$1.pem" 2>/dev/null
}

run_nginx() {
	_user=
	[ "$(id -u)" != 0 ] || _user='user root;'
	sed "s,@DIR@,$PWD,g; s,@PORT@,$port,g; s,@USER@,$_user,; s,@GIT@,$(git \
		--exec-path)," >nginx.conf <<-'END'
	@USER@
	pid @DIR@/nginx.pid;
	error_log @DIR@/nginx.log;
	events {}
	http {
		access_log @DIR@/access.log;
		client_body_temp_path @DIR@/body;
		fastcgi_temp_path @DIR@/fastcgi;
		proxy_temp_path @DIR@/proxy;
		uwsgi_temp_path @DIR@/uwsgi;
		scgi_temp_path @DIR@/scgi;
		client_max_body_size 0;
		server {
			listen 127.0.0.1:@PORT@ ssl;
			ssl_certificate @DIR@/cert.pem;
			ssl_certificate_key @DIR@/cert.key;
			location /403/ { return 403; }
			location /404/ { return 404; }
			location /500/ { return 500; }
			location /html/ { return 200 "<html>Welcome</html>"; }
			location /moved/ { rewrite ^/moved/(.*) /git/$1 permanent; }
			location /away/ {
				return 301 https://127.0.0.1:@PORT@/git/hub.git/info/refs?service=git-upload-pack;
			}
			location ~ ^/git(/.*) {
				auth_basic fleet;
				auth_basic_user_file @DIR@/passwords;
				fastcgi_pass unix:@DIR@/backend;
				fastcgi_param SCRIPT_FILENAME @GIT@/git-http-backend;
				fastcgi_param GIT_PROJECT_ROOT @DIR@;
				fastcgi_param GIT_HTTP_EXPORT_ALL 1;
				fastcgi_param PATH_INFO $1;
				fastcgi_param REMOTE_USER $remote_user;
				fastcgi_param QUERY_STRING $query_string;
				fastcgi_param REQUEST_METHOD $request_method;
				fastcgi_param CONTENT_TYPE $content_type;
				fastcgi_param CONTENT_LENGTH $content_length;
			}
		}
	}
	END
	PATH=$PATH:/usr/sbin nginx -c "$PWD/nginx.conf" -p "$PWD" -e "$PWD/nginx.log" 2>>nginx.log &&
		wait_for_port
}

# ---- ssh ----

# start_sshd: hub.git at $remote, for the keys in authorized_keys. The host has three
# keys; known_hosts is $HOME's.
start_sshd() {
	for _each in ed25519 ecdsa rsa; do
		ssh-keygen -q -t "$_each" -N '' -f "host_$_each"
	done
	: >authorized_keys
	on_a_free_port run_sshd
	remote=ssh://$(id -un)@127.0.0.1:$port$PWD/hub.git
	mkdir -p "$HOME/.ssh"
	chmod 700 "$HOME/.ssh"
	knows_host ed25519
}

run_sshd() {
	# as root it wants a place to lock itself into
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	cat >sshd_config <<-END
	Port $port
	ListenAddress 127.0.0.1
	HostKey $PWD/host_ed25519
	HostKey $PWD/host_ecdsa
	HostKey $PWD/host_rsa
	AuthorizedKeysFile $PWD/authorized_keys
	PidFile $PWD/sshd.pid
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	# what the user's shell reads there is not a part of this
	SetEnv HOME=$PWD
	END
	"$(PATH=$PATH:/usr/sbin command -v sshd)" -f "$PWD/sshd_config" \
		-E "$PWD/sshd.log" && wait_for_port
}

# knows_host TYPE…: known_hosts has these keys of it, in this order.
knows_host() {
	for _each; do
		printf '[127.0.0.1]:%s %s\n' "$port" \
			"$(cut -d' ' -f1,2 "host_$_each.pub")"
	done >"$HOME/.ssh/known_hosts"
}

# new_key NAME [TYPE [PASSPHRASE]]: one that may come in.
new_key() {
	ssh-keygen -q -t "${2:-ed25519}" -N "${3:-}" -f "$1"
	cat "$1.pub" >>authorized_keys
}

# ---- settings and bad lines ----

# remote_ini N ['KEY = VALUE']…: section [remote] of N has these and the URL alone.
remote_ini() {
	_ini=$1/.trine/trine.ini
	shift
	awk '/^\[/ { skip = $0 == "[remote]" } !skip' "$_ini" >ini
	{
		cat ini
		printf '[remote]\nurl = %s\n' "$remote"
		for _line; do printf '%s\n' "$_line"; done
	} >"$_ini"
}

# bad_line SIDE BYTES END [PORT]: sets line, the port of disturb.pl before ours.
bad_line() {
	rm -f line.port
	perl "$top/test/e2e/disturb.pl" "$PWD/line.port" "${4:-$port}" any "$1" "$2" \
		"$3" >line.log 2>&1 &
	echo $! >"line$2$3.pid"
	while [ ! -s line.port ]; do sleep 0.1 2>/dev/null || sleep 1; done
	line=$(cat line.port)
}

# ends_in_time 'CODE…': a cycle of 1 ends with one of them, and soon, though its line
# is no good.
ends_in_time() {
	started=$(date +%s)
	expect_status "$1" timeout 30 "$TRINE" -C "$PWD/1" sync
	[ $(($(date +%s) - started)) -lt 15 ]
}

# ---- what every kind of remote must do ----

# both_ways: what 1 and 2 say to each other arrives, and is confirmed.
both_ways() {
	on 1 send 2 -m Hello
	on 2 send 1 -t task -m 'Do it'
	sync 1 2 1 2
	[ "$(titles 2)" = Hello ]
	[ "$(titles 1)" = 'Do it' ]
	expect_desks 1 2
	json 1 status
	expect_line '"confirmed":{"2":1' json
}

# at_the_same_time COMPUTERS ROUNDS: they push at once; each push is compared with
# what the server has.
at_the_same_time() {
	_all=$(seq "$1")
	# shellcheck disable=SC2086 # numbers
	sync $_all
	for _round in $(seq "$2"); do
		_pids=
		for _each in $_all; do
			on "$_each" send ALL -m "$_each.$_round"
			"$TRINE" -C "$PWD/$_each" sync >"log$_each" 2>&1 &
			_pids="$_pids $!"
		done
		# shellcheck disable=SC2086 # the servers are children, too
		wait $_pids || :
	done
	for _each in $_all; do expect_status '0 75' on "$_each" sync; done
	# shellcheck disable=SC2086
	sync $_all
	for _each in $_all; do
		[ "$(ids "$_each" | wc -l)" = $((($1 - 1) * $2)) ]
		[ "$(titles "$_each" | sort -u | wc -l)" = $((($1 - 1) * $2)) ]
	done
	[ -z "$(hub rev-list --merges main)" ]
	hub fsck --strict
}
