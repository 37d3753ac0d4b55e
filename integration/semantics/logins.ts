import { absent, handler, row, type Section, scenario, test } from './row.ts'

const SASL = 'packages/broker/src/security/sasl'
const LISTENER = `${SASL}/sasl-listener.test.ts`
const SCRAM = `${SASL}/scram-exchange.test.ts`
const BEARER = `${SASL}/bearer-exchange.test.ts`
const BEARER_AGAIN = `${SASL}/bearer-again.test.ts`
const TOKEN_LOGIN = 'packages/broker/src/delegation-tokens/delegation-token-login.test.ts'
const PLAIN_FAILS = 'PLAIN with %s: 58, and what follows is refused'
const SCRAM_FAILS = '%s fails at the last message, and there is no second try'

const before = scenario('SaslAuthenticate: before everything')
const afterHandshake = scenario('SaslAuthenticate: after a handshake')
const inMiddle = scenario('SaslAuthenticate: in the middle of an exchange')
const afterLogin = scenario('SaslAuthenticate: after a login')
const inSession = scenario('SaslAuthenticate: in a session')

export const logins: Section = {
  name: 'logins',
  rows: [
    row(
      'first neither ApiVersions nor a handshake: closed without an answer',
      before,
      test(LISTENER, '%s as the first bytes: the connection is closed', 'an API that nobody knows'),
      test(LISTENER, '%s as the first bytes: the connection is closed', 'a raw token'),
    ),
    row(
      'ApiVersions comes once before the login; after an error it may come again',
      scenario('SaslAuthenticate: after ApiVersions'),
      scenario('SaslAuthenticate: after an ApiVersions that failed'),
      test(LISTENER, 'a second ApiVersions before the handshake closes, one after an error does not'),
    ),
    row(
      'a mechanism that is not there: UNSUPPORTED_SASL_MECHANISM with those that are, then closed',
      before,
      scenario('SaslAuthenticate: after a handshake that failed'),
      test(LISTENER, 'mechanism %p is answered with those that there are, then closed'),
    ),
    row(
      'after a handshake of version 0 tokens travel bare',
      scenario('SaslAuthenticate: after a handshake of version 0'),
      scenario('SaslAuthenticate: after a login of version 0'),
      test(LISTENER, 'a handshake version %s is followed by the tokens that belong to it'),
      test(LISTENER, 'a raw token that is wrong ends the connection without a word'),
    ),
    row(
      'another request in the middle of a login: ILLEGAL_SASL_STATE, then closed; what is none: closed',
      afterHandshake,
      inMiddle,
      test(LISTENER, '%s in the middle of a login is answered with 34, then closed'),
    ),
    row(
      'a wrong password, a token that is none, another to act as: SASL_AUTHENTICATION_FAILED, then closed',
      afterHandshake,
      scenario('SaslAuthenticate: after a login that failed'),
      test(LISTENER, PLAIN_FAILS, 'a wrong password'),
      test(LISTENER, PLAIN_FAILS, 'no user'),
      test(LISTENER, PLAIN_FAILS, 'no password'),
      test(LISTENER, PLAIN_FAILS, 'four parts'),
      test(LISTENER, PLAIN_FAILS, 'another to act as (CVE-2017-12610)'),
    ),
    row(
      'a login that succeeds has no text, and the lifetime of its session',
      afterHandshake,
      test(LISTENER, 'PLAIN: ApiVersions, handshake, token, then requests'),
      test(LISTENER, 'the same user goes on, with a new lifetime'),
      test(BEARER_AGAIN, 'a session lasts as long as its token, and another one makes it last as long as that'),
    ),
    row(
      'a session is renewed by the same user and mechanism alone',
      inSession,
      scenario('SaslAuthenticate: after a handshake that is to renew a session'),
      scenario('SaslAuthenticate: after a handshake for another mechanism in a session'),
      scenario("SaslAuthenticate: after a renewal by another's token"),
      test(LISTENER, 'another user is refused and closed'),
      test(LISTENER, 'another mechanism gets an answer to its handshake, and then no more'),
    ),
    row(
      'a session that is over ends at its next request',
      test(LISTENER, 'a session that is over ends at the next request; the millisecond before it is served'),
    ),
    row(
      'handshake and token where nobody logs in, or once is enough: ILLEGAL_SASL_STATE, and the connection stays',
      afterLogin,
      scenario('SaslHandshake: where nobody logs in'),
      scenario('SaslAuthenticate: where nobody logs in'),
      test(LISTENER, 'after a login that need not be repeated, handshake and token answer 34 and the connection stays'),
      handler('17-sasl-handshake', 'a handshake v%i on a plaintext listener names no mechanism'),
    ),
    row(
      'SCRAM: what is wrong shows at the last message, but for a user that there is not in Kafka',
      test(SCRAM, SCRAM_FAILS, 'a wrong password'),
      test(SCRAM, SCRAM_FAILS, 'a forged proof'),
      test(SCRAM, SCRAM_FAILS, 'a user that there is not'),
      test(SCRAM, 'an extension that nobody knows is ignored, bytes that are no UTF-8 are not'),
    ),
    row(
      'SCRAM by a delegation token: only with the extension that says so',
      test(TOKEN_LOGIN, 'by %s its bearer is its owner'),
      test(TOKEN_LOGIN, 'only with the extension, and with its own HMAC'),
    ),
    row(
      'OAUTHBEARER: a token that is not good is refused, and the login fails when the client has taken note',
      test(BEARER, 'a token %s is refused, and the login fails when the client has taken note', 'run out'),
      test(BEARER, 'a token %s is refused, and the login fails when the client has taken note', 'of another issuer'),
      test(BEARER, 'a good token lets in whom it names, until it runs out'),
    ),
    row('GSSAPI', absent('Kerberos is not built; docs/security.md says so of its mechanism')),
    row(
      'frames before the login have a bound of their own',
      test(
        LISTENER,
        'CVE-2022-34917: before the login a frame may have so many bytes and no more; behind it the usual bound holds',
      ),
    ),
  ],
}
