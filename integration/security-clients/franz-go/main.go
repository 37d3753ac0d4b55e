// Each way to log in with franz-go; a line for each outcome.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const again = 3

// What the client says of a challenge that follows its token: it answers none, and does not read why.
const refusedToken = "unexpected data in oauth response"

var (
	at     = map[string]string{}
	topics atomic.Int32
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func textOf(name string) string {
	text, err := os.ReadFile(at["directory"] + "/" + name)
	must(err)
	return string(text)
}

func trust(authority, own string) kgo.Opt {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(textOf(authority)))
	config := &tls.Config{RootCAs: pool}
	if own != "" {
		pair, err := tls.X509KeyPair([]byte(textOf(own+".crt")), []byte(textOf(own+".key")))
		must(err)
		// Given whatever authorities the broker names: else a stranger's would not be shown at all.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return kgo.DialTLSConfig(config)
}

func ssl(listener, authority, own string) []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(at[listener]), trust(authority, own)}
}

func login(listener string, mechanism sasl.Mechanism) []kgo.Opt {
	options := []kgo.Opt{kgo.SeedBrokers(at[listener]), kgo.SASL(mechanism)}
	if listener == "sasl_plaintext" {
		return options
	}
	return append(options, trust("ca.pem", ""))
}

func password(mechanism, user, secret string) sasl.Mechanism {
	switch mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: secret}.AsMechanism()
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: secret}.AsSha256Mechanism()
	default:
		return scram.Auth{User: user, Pass: secret}.AsSha512Mechanism()
	}
}

func bearer(name string) sasl.Mechanism {
	return oauth.Oauth(func(context.Context) (oauth.Auth, error) { return oauth.Auth{Token: textOf(name)}, nil })
}

func named(err error) string {
	var code *kerr.Error
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &code):
		return code.Message
	case errors.As(err, &authority):
		return "x509.UnknownAuthorityError"
	case strings.Contains(err.Error(), "remote error: tls: "): // an alert that the broker sends is of no exported type
		return err.Error()[strings.Index(err.Error(), "tls: "):]
	default:
		return err.Error()
	}
}

// What comes of producing and reading back.
func outcome(options []kgo.Opt) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	client, err := kgo.NewClient(append(options, kgo.AllowAutoTopicCreation(), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequestRetries(3))...)
	must(err)
	defer client.Close()
	if err := client.Ping(ctx); err != nil {
		return named(err)
	}
	topic := fmt.Sprintf("franz-%d-%d", os.Getpid(), topics.Add(1))
	for i := range 5 {
		if err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: fmt.Append(nil, i)}).FirstErr(); err != nil {
			return named(err)
		}
	}
	if seen := read(options, topic, 5); strings.Join(seen, "") != "01234" {
		return fmt.Sprint("records ", seen)
	}
	return "5 records"
}

func read(options []kgo.Opt, topic string, count int) []string {
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	client, err := kgo.NewClient(append(options, kgo.ConsumePartitions(start))...)
	must(err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	seen := []string{}
	for len(seen) < count && ctx.Err() == nil {
		client.PollFetches(ctx).EachRecord(func(record *kgo.Record) { seen = append(seen, string(record.Value)) })
	}
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, int64(len(seen)), -1)
	must(kadm.NewClient(client).CommitAllOffsets(context.Background(), topic, offsets))
	return seen
}

func say(what, outcome string) {
	fmt.Printf("%s: %s\n", what, outcome)
}

func overTLS() {
	say("TLS", outcome(ssl("tls", "ca.pem", "")))
	say("TLS, trusting others", outcome(ssl("tls", "strangers.pem", "")))
	say("mTLS", outcome(ssl("mtls", "ca.pem", "alice")))
	say("mTLS as bob", outcome(ssl("mtls", "ca.pem", "bob")))
	say("mTLS without a certificate", outcome(ssl("mtls", "ca.pem", "")))
	say("mTLS with a stranger's certificate", outcome(ssl("mtls", "ca.pem", "stranger")))
}

func passwords(listener, mechanism string) {
	what := mechanism + " over " + listener
	say(what, outcome(login(listener, password(mechanism, "alice", at["password.alice"]))))
	say(what+", as bob", outcome(login(listener, password(mechanism, "bob", at["password.bob"]))))
	say(what+", wrong password", outcome(login(listener, password(mechanism, "alice", "wrong"))))
	say(what+", nobody's name", outcome(login(listener, password(mechanism, "nobody", "wrong"))))
}

func tokens(listener string) {
	what := "OAUTHBEARER over " + listener
	say(what, outcome(login(listener, bearer("good.token"))))
	say(what+", as bob", outcome(login(listener, bearer("bob.token"))))
	for _, wrong := range []string{"expired", "foreign", "other-audience"} {
		say(what+", "+wrong+" token", outcome(login(listener, bearer(wrong+".token"))))
	}
}

// alice asks for a token; whoever has it comes in as alice. (KIP-48)
func delegationToken() {
	client, err := kgo.NewClient(login("sasl_ssl", password("SCRAM-SHA-512", "alice", at["password.alice"]))...)
	must(err)
	defer client.Close()
	token, err := kadm.NewClient(client).CreateDelegationToken(context.Background(), kadm.CreateDelegationToken{MaxLifetime: time.Hour})
	must(err)
	show := func(hmac string) string {
		auth := scram.Auth{User: token.TokenID, Pass: hmac, IsToken: true}
		return outcome(login("sasl_ssl", auth.AsSha256Mechanism()))
	}
	right := base64.StdEncoding.EncodeToString(token.HMAC)
	result := show(right)
	// A broker of Apache Kafka answers before it knows the token that it has just made.
	for i := 0; i < 20 && result == "SASL_AUTHENTICATION_FAILED"; i++ {
		time.Sleep(200 * time.Millisecond)
		result = show(right)
	}
	say("delegation token over sasl_ssl", result)
	say("delegation token over sasl_ssl, wrong HMAC", show("wrong"))
}

// Counts what a client does on its connections.
type watch struct{ connects, disconnects, handshakes atomic.Int32 }

func (w *watch) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err == nil {
		w.connects.Add(1)
	}
}
func (w *watch) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) { w.disconnects.Add(1) }
func (w *watch) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == 17 {
		w.handshakes.Add(1)
	}
}

// Produces until it has logged in again often enough, on the connections that it had. (KIP-368)
func loginAgain(mechanism string, how sasl.Mechanism) string {
	counts := &watch{}
	options := login("again", how)
	producing := []kgo.Opt{kgo.AllowAutoTopicCreation(), kgo.WithHooks(counts), kgo.RecordPartitioner(kgo.ManualPartitioner())}
	client, err := kgo.NewClient(append(producing, options...)...)
	must(err)
	defer client.Close()
	topic := "franz-again-" + mechanism
	var failed atomic.Int32
	sent := []string{}
	for end := time.Now().Add(time.Minute); counts.handshakes.Load()-counts.connects.Load() < again; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return mechanism + ": not again within a minute"
		}
		value := fmt.Sprint(len(sent))
		sent = append(sent, value)
		client.Produce(context.Background(), &kgo.Record{Topic: topic, Value: []byte(value)}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Add(1)
			}
		})
	}
	must(client.Flush(context.Background()))
	if counts.disconnects.Load() > 0 {
		return mechanism + ": connections were closed"
	}
	if failed.Load() > 0 || strings.Join(read(options, topic, len(sent)), " ") != strings.Join(sent, " ") {
		return mechanism + ": other records than those sent"
	}
	return mechanism + ", again and again while producing: one connection, nothing lost"
}

// Which it is depends on when the client tries again: within a second a login is out of place.
func loginError(err error) string {
	name := named(err)
	if name == "ILLEGAL_SASL_STATE" || name == "SASL_AUTHENTICATION_FAILED" || name == refusedToken {
		return "a login error"
	}
	return name
}

// A token that nobody renews: it is good until it has run out, and not after.
func expiry() string {
	token := textOf("fresh.token")
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	must(err)
	var claims struct{ Exp int64 }
	must(json.Unmarshal(body, &claims))
	end := time.Unix(claims.Exp, 0)
	client, err := kgo.NewClient(append(login("sasl_ssl", oauth.Auth{Token: token}.AsMechanism()), kgo.RequestRetries(3))...)
	must(err)
	defer client.Close()
	served := "never served, "
	for time.Now().Before(end.Add(30 * time.Second)) {
		if err := client.Ping(context.Background()); err != nil {
			early := ""
			if time.Now().Before(end.Add(-2 * time.Second)) {
				early = " too early"
			}
			return "OAUTHBEARER, token runs out: " + served + loginError(err) + early
		}
		served = "served, then "
		time.Sleep(100 * time.Millisecond)
	}
	return "OAUTHBEARER, token runs out: served on"
}

func main() {
	settings, err := os.ReadFile(os.Args[1])
	must(err)
	for line := range strings.SplitSeq(string(settings), "\n") {
		if key, value, found := strings.Cut(line, "="); found {
			at[key] = value
		}
	}
	overTLS()
	for _, listener := range []string{"sasl_plaintext", "sasl_ssl"} {
		for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
			passwords(listener, mechanism)
		}
		tokens(listener)
	}
	say("SCRAM-SHA-512 where it is not offered", outcome(login("few", password("SCRAM-SHA-512", "alice", at["password.alice"]))))
	delegationToken()
	jobs := []func() string{expiry}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		jobs = append(jobs, func() string { return loginAgain(mechanism, password(mechanism, "alice", at["password.alice"])) })
	}
	jobs = append(jobs, func() string { return loginAgain("OAUTHBEARER", bearer("fresh.token")) })
	lines := make([]chan string, len(jobs))
	for i, job := range jobs {
		lines[i] = make(chan string, 1)
		go func() { lines[i] <- job() }()
	}
	for _, line := range lines {
		fmt.Println(<-line)
	}
}
