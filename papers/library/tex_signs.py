"""Signs and accents in the macros of plain LaTeX, which need no package and no font encoding."""

from __future__ import annotations

import unicodedata


def name_set(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


def name_pairs(text: str) -> dict[str, str]:
    """The words of ``text`` in pairs: the first is the key of the second."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


# Characters and their macros in mathematics, all of the LaTeX kernel: "The Comprehensive LaTeX
# Symbol List", the tables of symbols that need no package.
MATH_SIGNS = name_pairs(
    """
    α alpha β beta γ gamma δ delta ε varepsilon ϵ epsilon ζ
    zeta η eta θ theta ϑ vartheta ι iota κ kappa λ lambda μ mu ν nu ξ xi π pi ϖ varpi ρ rho ϱ
    varrho σ sigma ς varsigma τ tau υ upsilon φ varphi ϕ phi χ chi ψ psi ω omega Γ Gamma Δ Delta
    Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi Ω Omega ± pm ∓ mp × times ÷ div ∗
    ast ⋆ star ★ star ∘ circ ∙ bullet · cdot ⋅ cdot ∩ cap ∪ cup ⊎ uplus ⊓ sqcap ⊔ sqcup ∨ vee ∧
    wedge ∖ setminus ≀ wr ⋄ diamond ◇ diamond △ triangle ▽ bigtriangledown ⊕ oplus ⊖ ominus ⊗
    otimes ⊘ oslash ⊙ odot ◯ bigcirc ○ bigcirc ⨿ amalg ≤ leq ⩽ leq ≥ geq ⩾ geq ≪ ll ≫ gg ≺ prec
    ≻ succ ⪯ preceq ⪰ succeq ⊂ subset ⊃ supset ⊆ subseteq ⊇ supseteq ⊑ sqsubseteq ⊒ sqsupseteq ∈
    in ∋ ni ∉ notin ⊢ vdash ⊣ dashv ⊨ models ∣ mid ∥ parallel ⊥ perp ≡ equiv ∼ sim ≃ simeq ≍
    asymp ≈ approx ≅ cong ≠ neq ≐ doteq ∝ propto ⋈ bowtie ⌣ smile ⌢ frown ← leftarrow →
    rightarrow ➔ rightarrow ➜ rightarrow ↔ leftrightarrow ↑ uparrow ↓ downarrow ↕ updownarrow ⇐
    Leftarrow ⇒ Rightarrow ⇔ Leftrightarrow ⇑ Uparrow ⇓ Downarrow ↦ mapsto ⟶ longrightarrow ⟵
    longleftarrow ⟹ Longrightarrow ⟷ longleftrightarrow ⟺ Longleftrightarrow ↗ nearrow ↘ searrow
    ↙ swarrow ↖ nwarrow ↪ hookrightarrow ↩ hookleftarrow ⇀ rightharpoonup ⇌ rightleftharpoons …
    ldots ⋯ cdots ⋮ vdots ⋱ ddots ℵ aleph ℏ hbar ℓ ell ℘ wp ℜ Re ℑ Im ∂ partial ∞ infty ′ prime
    ∅ emptyset ∇ nabla √ surd ⊤ top ∠ angle ∀ forall ∃ exists ¬ neg ♭ flat ♮ natural ♯ sharp ♣
    clubsuit ♢ diamondsuit ♡ heartsuit ♥ heartsuit ♠ spadesuit ∑ sum ∏ prod ∐ coprod ∫ int ∮
    oint ⋂ bigcap ⋃ bigcup ⋁ bigvee ⋀ bigwedge ⨁ bigoplus ⨂ bigotimes ⟨ langle ⟩ rangle 〈 langle
    〉 rangle ⌊ lfloor ⌋ rfloor ⌈ lceil ⌉ rceil ‖ Vert
    """
) | {
    "−": "-",  # these two are characters, not macros
    "∶": ":",
    "µ": "mu",
}
# Capital Greek letters that look like Latin ones have no macro.
_GREEK_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
TEXT_SIGNS = {
    "ß": r"{\ss}",
    "ẞ": "SS",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "œ": r"{\oe}",
    "Œ": r"{\OE}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "ı": r"{\i}",
    "ȷ": r"{\j}",
    "–": "--",
    "—": "---",
    "‐": "-",
    "‑": "-",
    "‒": "--",
    "―": "---",
    "‘": "`",
    "’": "'",
    "‚": ",",
    "“": "``",
    "”": "''",
    "„": ",,",
    "«": r"{\ensuremath{\ll}}",
    "»": r"{\ensuremath{\gg}}",
    "¡": r"{\textexclamdown}",
    "¿": r"{\textquestiondown}",
    "§": r"{\S}",
    "¶": r"{\P}",
    "†": r"{\dag}",
    "‡": r"{\ddag}",
    "•": r"{\textbullet}",
    "…": r"{\ldots}",
    "′": "'",
    "″": "''",
    "£": r"{\pounds}",
    "©": r"{\copyright}",
    "®": r"{\textregistered}",
    "™": r"{\texttrademark}",
    "°": r"{\ensuremath{^{\circ}}}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": "~",
} | _GREEK_LATIN
# Combining marks: the accents of text, which exist in the encoding OT1, and those of mathematics.
TEXT_ACCENTS = dict(
    zip(
        map(chr, (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30A, 0x30B, 0x30C)),
        ["`", "'", "^", "~", "=", "u", ".", '"', "r", "H", "v"],
        strict=True,
    )
) | {"\u0323": "d", "\u0326": "c", "\u0327": "c", "\u0331": "b"}
MARKS = {accent: mark for mark, accent in TEXT_ACCENTS.items()}
# The letters with accents that LaTeX reads as they are: t1enc.dfu and ot1enc.dfu.
KNOWN_LETTERS = frozenset(map(chr, range(0xC0, 0x180))) | frozenset(
    "ǍǎǏǐǑǒǓǔǢǣǦǧǨǩǪǫǰǴǵȘșȚțȲȳḂḃḍḞḟḠḡḥḰḱḷṃṅṇṛṣṭẎẏẐẑỲỳ"
)
MATH_ACCENTS = dict(
    zip(
        map(chr, (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30C, 0x305, 0x20D7)),
        ["grave", "acute", "hat", "tilde", "bar", "breve", "dot", "ddot", "check", "bar", "vec"],
        strict=True,
    )
)
_ALPHABETS = {  # by a word in the name of a letter for mathematics
    "DOUBLE-STRUCK": "mathbb",
    "FRAKTUR": "mathfrak",
    "BLACK-LETTER": "mathfrak",
    "SCRIPT": "mathcal",
    "MONOSPACE": "mathtt",
    "SANS-SERIF": "mathsf",
    "BOLD": "mathbf",
    "ITALIC": "mathit",
}


def math_alphabet(character: str) -> tuple[str, str]:
    """The alphabet of a letter for mathematics, and the plain letter: ("mathbb", "R") for "ℝ".

    ("", "") for any other character. An alphabet has only the letters that its font has.
    """
    plain = unicodedata.normalize("NFKC", character)
    if not unicodedata.decomposition(character).startswith("<font>") or not plain.isascii():
        return "", ""
    name = unicodedata.name(character, "")
    alphabet = next((macro for word, macro in _ALPHABETS.items() if word in name), "")
    if alphabet in ("mathbb", "mathcal") and not plain.isupper():
        alphabet = "mathbf" if alphabet == "mathbb" else "mathit"
    return alphabet, plain
