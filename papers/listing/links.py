"""Addresses of papers: the ids that they name, and keys that are equal for one page."""

import re
from contextlib import suppress
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from papers.listing.identity import bounded_key, find_arxiv_id, find_doi

# Sites on which a number like an arXiv id is one; other sites have numbers of their own.
ARXIV_SITES = re.compile(
    r"(?:^|\.)(?:arxiv\.org|ar5iv\.org|alphaxiv\.org|arxiv-vanity\.com)$|^(?:huggingface\.co|hf\.co)$"
)
ARXIV_PATH = re.compile(
    r"^/(?:abs|pdf|html|papers|overview|format|src|e-print|ps|ftp/arxiv/papers/\d+)/", re.IGNORECASE
)
# Publishers whose addresses have the DOI of the paper: after /doi/, or after the kind of page.
DOI_PATH = re.compile(
    r"(?:^|/)(?:doi|article|chapter|content|book)/(?:[a-z]+/){0,2}(10\.\d{4,9}/.+)$", re.IGNORECASE
)
DOI_VIEW = re.compile(r"(?:v\d+)?(?:\.(?:full|abstract|pdf|html|full\.pdf|full-text))?$")
DOI_SITES = re.compile(r"(?:^|\.)doi\.org$")
# Parameters that say where a reader came from, and not which page it is.
TRACKING = re.compile(
    r"^(?:utm_.*|mtm_.*|pk_.*|_hs.*|mc_[ce]id|_g[al]|(?:fb|g|dc|y|tw|tt)clid|msclkid|[gw]braid|gclsrc"
    r"|igsh(?:id)?|si|spm|trk|cmpid|s_cid|mkt_tok|ref|ref_src|ref_url|referrer|referer|share)$",
    re.IGNORECASE,
)
DEFAULT_PORTS = {"http": 80, "https": 443}
# Pages of one paper on OpenReview: its forum, its PDF.
OPENREVIEW_PATHS = re.compile(r"^/(?:forum|pdf|revisions)$")


def is_tracking(name: str) -> bool:
    """Whether the parameter ``name`` says where a reader came from, and nothing about the page."""
    return TRACKING.search(name) is not None


def ids_in_address(text: str) -> tuple[str, str]:
    """The arXiv id and the DOI that ``text`` names, an id or an address; at most one of them."""
    text = text.strip()
    parts = _split(text)
    if parts is None:
        if arxiv_id := find_arxiv_id(text):
            return arxiv_id, ""
        return "", find_doi(text)
    host, path = _host(parts), unquote(parts.path)
    if ARXIV_SITES.search(host) and (match := ARXIV_PATH.search(path)):
        return find_arxiv_id(path[match.end() :]), ""
    if DOI_SITES.search(host):
        doi = find_doi(path.strip("/"))
    elif match := DOI_PATH.search(path):
        doi = find_doi(DOI_VIEW.sub("", match[1].rstrip("/")))
    else:
        return "", ""
    arxiv_id = find_arxiv_id(doi) if doi.startswith("10.48550/arxiv.") else ""
    return arxiv_id, "" if arxiv_id else doi


def link_key(link: str) -> str:
    """A key of the page at ``link``, whatever its scheme, ``www.``, fragment and tracking.

    "arxiv:..." or "doi:..." if the address names one; "" if ``link`` is no address.
    """
    arxiv_id, doi = ids_in_address(link)
    if arxiv_id or doi:
        return bounded_key(f"arxiv:{arxiv_id}" if arxiv_id else f"doi:{doi}")
    parts = _split(link.strip())
    if parts is None:
        return ""
    host, path = _host(parts), quote(unquote(parts.path), safe="/!$&'()*+,;=:@~")
    if host == "openreview.net" and OPENREVIEW_PATHS.search(path):
        path = "/forum"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = sorted(pair for pair in pairs if not is_tracking(pair[0]))
    if host == "openreview.net" and any(name == "id" for name, _ in query):
        query = [pair for pair in query if pair[0] == "id"]
    path = re.sub(r"(?:\.pdf)?/*$", "", path)
    # Some sites have their pages in the fragment: https://example.org/#/papers/1.
    page = f"#{parts.fragment}" if parts.fragment[:1] in ("/", "!") else ""
    return bounded_key(f"{host}{path}{'?' if query else ''}{urlencode(query)}{page}")


def _split(text: str) -> SplitResult | None:
    """The parts of ``text``, an address with or without its scheme; None if it is none."""
    if "://" not in text:
        if not re.match(r"^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?/", text, re.IGNORECASE):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        _port(parts)
    except ValueError:
        return None
    return parts if parts.hostname else None


def _host(parts: SplitResult) -> str:
    """The host in lower case, without ``www.`` and the default port of the scheme."""
    host = (parts.hostname or "").rstrip(".")
    with suppress(UnicodeError):  # a label is too long or empty: the host stays as it is
        host = host.encode("idna").decode()
    return f"{host.removeprefix('www.')}{_port(parts)}"


def _port(parts: SplitResult) -> str:
    return f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS.get(parts.scheme)) else ""
