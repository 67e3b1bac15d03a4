// An OpenID Connect provider by other hands, configured as a company would for paas: a public native
// client, device grant and PKCE, refresh tokens that rotate.  It serves https on a free loopback port and
// writes its issuer to the file "issuer".  Nobody has to log in at its pages: a browser is ada at once, and
// POST /-/decide (user_code, decision) is the person who typed the code of a device.  What happens to grants and
// tokens is told on standard output.  TOKEN_LIFETIME, in seconds, is that of access and ID tokens.
//
// Usage: node server.mjs CERTIFICATE KEY
import { createServer } from 'node:https';
import { readFileSync, writeFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const lifetime = Number(process.env.TOKEN_LIFETIME ?? 3600);
const people = {
  ada: {
    sub: 'ada', name: 'Ada Example', preferred_username: 'ada', email: 'ada@sso.example', email_verified: true,
    groups: ['payments'],
  },
};
const client = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  redirect_uris: ['http://127.0.0.1/callback'],
};
const configuration = {
  clients: [
    { ...client, client_id: 'paas-cli' },
    { ...client, client_id: 'paas-cli-es256', id_token_signed_response_alg: 'ES256' },
  ],
  findAccount: (_, id) => people[id] && { accountId: id, claims: async () => people[id] },
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  rotateRefreshToken: true,
  ttl: {
    AccessToken: lifetime, IdToken: lifetime, DeviceCode: 600, RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600,
  },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
  cookies: { keys: ['only on this machine'] },
  jwks: JSON.parse(readFileSync('keys.json')),
};

const [certificate, key] = process.argv.slice(2).map((file) => readFileSync(file));
const server = createServer({ cert: certificate, key });
server.listen(0, '127.0.0.1', () => {
  const issuer = `https://localhost:${server.address().port}`;
  const provider = new Provider(issuer, configuration);

  for (const event of ['grant.success', 'grant.error', 'grant.revoked', 'refresh_token.consumed', 'refresh_token.destroyed']) {
    provider.on(event, () => console.log(event));
  }

  async function grantFor(clientId, accountId, scope) {
    const grant = new provider.Grant({ clientId, accountId });
    grant.addOIDCScope(scope);
    return grant.save();
  }

  async function decide(form) {
    const code = await provider.DeviceCode.findByUserCode(form.get('user_code').replace('-', ''), { ignoreExpiration: true });
    if (form.get('decision') === 'deny') {
      Object.assign(code, { error: 'access_denied', errorDescription: 'denied' });
    } else {
      const { scope, claims = {} } = code.params;
      Object.assign(code, {
        accountId: 'ada', authTime: Math.floor(Date.now() / 1000), claims, scope, sessionUid: 'none',
        grantId: await grantFor(code.clientId, 'ada', scope),
      });
    }
    await code.save();
  }

  async function interact(request, response) {
    const { params, grantId } = await provider.interactionDetails(request, response);
    const result = params.state === 'denied'
      ? { error: 'access_denied', error_description: 'denied' }
      : { login: { accountId: 'ada' }, consent: { grantId: grantId ?? await grantFor(params.client_id, 'ada', params.scope) } };
    await provider.interactionFinished(request, response, result);
  }

  const serve = provider.callback();
  server.on('request', async (request, response) => {
    try {
      if (request.url === '/-/decide') {
        let body = '';
        for await (const part of request) body += part;
        await decide(new URLSearchParams(body));
        response.end();
      } else if (request.url.startsWith('/interaction/')) {
        await interact(request, response);
      } else {
        serve(request, response);
      }
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
  writeFileSync('issuer', issuer);
});
