// Usage: node provider.mjs PORT CLIENT SECRET REDIRECT_URI POST_LOGOUT_REDIRECT_URI
// Whoever signs in as "an@x.vn#2" is the subject of that name, with the address before the "#".
import Provider from 'oidc-provider';

const [port, client_id, client_secret, redirect, back] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [redirect],
      post_logout_redirect_uris: [back],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], staff: ['staff_number'] },
  scopes: ['openid', 'email', 'profile', 'staff'],
  pkce: { required: () => true },
  cookies: { keys: ['for tests alone'] },
  async findAccount(_ctx, id) {
    const [email, variant] = id.split('#');
    return {
      accountId: id,
      claims: async () => ({
        sub: id,
        email,
        email_verified: variant === 'unverified' ? 'false' : true,
        staff_number: 'BKH-0012',
      }),
    };
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
