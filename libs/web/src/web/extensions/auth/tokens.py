"""Who sends a request, by a token of an OpenID provider (RFC 9068): signed, for us, and of now."""

from joserfc import jws, jwt
from joserfc.errors import JoseError

from common.auth.owners import TOKENS, is_subject
from web.extensions.auth.issuer import IssuerKeys
from web.extensions.auth.principal import Principal

# Signed with a key that only the provider has. None of them takes a public key for a shared secret.
ALGORITHMS = ("RS256", "PS256", "ES256")
# Seconds that the provider's clock may be ahead of ours, or behind.
LEEWAY = 60
# Characters: more than any provider's, and little enough to be parsed.
_LONGEST = 8192


class Tokens:
    """Tells who a token stands for, by the keys of its provider."""

    def __init__(self, keys: IssuerKeys, issuer: str, audience: str) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True, "allow_blank": False},
        )

    def of(self, token: str) -> Principal | None:
        """Return who a token stands for; None for one that is not valid. Raises IssuerAwayError."""
        if len(token) > _LONGEST:
            return None
        try:
            header = jws.extract_compact(token.encode()).headers()
            # What cannot be right asks nobody.
            if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
                return None
            key = self._keys.get(header["kid"])
            if key is None:
                return None
            claims = jwt.decode(token, key, algorithms=[*ALGORITHMS]).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError):
            return None
        subject, scope = claims["sub"], claims.get("scope", "")
        if not is_subject(subject) or not isinstance(scope, str):
            return None
        return Principal(id=str(claims.get("jti", ""))[:100], owner=f"{TOKENS}{subject}", scopes=tuple(scope.split()))
