#!/usr/bin/env python3
"""How often the detectors of numbers agree with python-stdnum (PyPI, version 2.2).

For each format, COUNT numbers are made up from its form: drawn, made right by trying other characters
in their last places, and right ones with one character changed. stdnum and the program `judge_numbers`
say which are right.

    agree_with_stdnum.py PATH-OF-judge_numbers [COUNT] [DETECTOR...]

Prints a line for each format, and ends with a status of 1 if one agrees on less than 99 %.
"""

import importlib
import itertools
import random
import re._constants as kind
import re._parser as parser
import subprocess
import sys

# By detector: the module of stdnum, and the form of numbers to make up.
FORMATS = {
    "at_social_security": ("at.vnr", r"[1-9][0-9]{3}[ ]?[0-9]{6}"),
    "at_tax_number": ("at.tin", r"[0-9]{2}[ -]?[0-9]{3}/[0-9]{4}"),
    "at_vat": ("at.uid", r"(?i:ATU)[ ]?[0-9]{8}"),
    "au_abn": ("au.abn", r"[0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    "au_acn": ("au.acn", r"[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    "au_tfn": ("au.tfn", r"[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    "be_national_number": ("be.nn", r"[0-9]{2}\.(?:0[1-9]|1[0-2])\.(?:0[1-9]|1[0-9]|2[0-8])-[0-9]{3}\.[0-9]{2}"),
    "be_vat": ("be.vat", r"(?i:BE)[ ]?[01][0-9]{3}[. ]?[0-9]{3}[. ]?[0-9]{3}"),
    "bg_egn": ("bg.egn", r"[0-9]{2}(?:0[1-9]|1[0-2]|4[1-9]|5[0-2])(?:0[1-9]|1[0-9]|2[0-8])[0-9]{4}"),
    "br_cnpj": ("br.cnpj", r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}/0001-[0-9]{2}"),
    "br_cpf": ("br.cpf", r"(?:[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}|[0-9]{11})"),
    "ca_sin": ("ca.sin", r"(?:[1-79][0-9]{8}|[1-79][0-9]{2} [0-9]{3} [0-9]{3}|[1-79][0-9]{2}-[0-9]{3}-[0-9]{3})"),
    "ch_ahv_number": ("ch.ssn", r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}"),
    "cl_rut": ("cl.rut", r"(?:[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}|[0-9]{7,8})-[0-9Kk]"),
    "cn_resident_id": ("cn.ric", r"11010[1-8](?:19[5-9][0-9]|200[0-9])(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])[0-9]{3}[0-9]"),
    "cz_birth_number": ("cz.rc", r"(?:5[4-9]|[6-9][0-9])(?:[05][1-9]|[16][0-2])(?:0[1-9]|1[0-9]|2[0-8])/[0-9]{4}"),
    "de_tax_id": ("de.idnr", r"[1-9][0-9][ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    "de_vat": ("de.vat", r"(?i:DE)[ -]?[1-9][0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"),
    "dk_cpr": ("dk.cpr", r"(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|1[0-2])[0-9]{2}-[0-9]{4}"),
    "ee_identity_code": ("ee.ik", r"[34][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])[0-9]{4}"),
    "es_cif": ("es.cif", r"[A-H][0-9]{8}"),
    "es_dni": ("es.nif", r"[0-9]{8}[A-HJ-NP-TV-Z]"),
    "fi_hetu": ("fi.hetu", r"(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|1[0-2])[0-9]{2}-[0-8][0-9]{2}[0-9]"),
    "fr_social_security": ("fr.nir", r"[12] [0-9]{2} (?:0[1-9]|1[0-2]) [0-8][0-9] [0-9]{3} [0-9]{3} [0-9]{2}"),
    "fr_tax_number": ("fr.nif", r"[0-3][0-9][ ]?[0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    "fr_vat": ("fr.tva", r"FR[0-9]{11}"),
    "gb_nhs_number": ("gb.nhs", r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"),
    "gb_vat": ("gb.vat", r"GB[1-9][0-9]{8}"),
    "gr_afm": ("gr.vat", r"(?:(?i:EL|GR)[ ]?)?[0-9]{9}"),
    "gr_amka": ("gr.amka", r"(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|1[0-2])[4-9][0-9][0-9]{5}"),
    "hr_oib": ("hr.oib", r"(?:(?i:HR)[ ]?)?[0-9]{11}"),
    "hu_tax_number": ("hu.anum", r"HU[1-9][0-9]{7}"),
    "iban": ("iban", r"(?:GB[0-9]{2}[A-Z]{4}[0-9]{14}|DE[0-9]{20}|NL[0-9]{2}[A-Z]{4}[0-9]{10}|FR[0-9]{25})"),
    "id_ktp": ("id.nik", r"32(?:0[1-9]|1[0-2])[0-9]{2}(?:0[1-9]|[12][0-9]|4[1-9]|5[0-9])(?:0[1-9]|1[0-2])[0-9]{6}"),
    "id_npwp": ("id.npwp", r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9]-[0-9]{3}\.[0-9]{3}"),
    "ie_pps": ("ie.pps", r"[0-9]{7}[A-W]"),
    "ie_vat": ("ie.vat", r"IE[0-9]{7}[A-W]"),
    "in_aadhaar": ("in_.aadhaar", r"[2-9][0-9]{3} [0-9]{4} [0-9]{4}"),
    "in_gstin": ("in_.gstin", r"27[A-Z]{3}[PC][A-Z][0-9]{4}[A-Z][1-9]Z[0-9A-Z]"),
    "in_pan": ("in_.pan", r"[A-Z]{3}[PC][A-Z][0-9]{4}[A-Z]"),
    "in_voter_id": ("in_.epic", r"[A-Z]{3}[0-9]{7}"),
    "it_fiscal_code": ("it.codicefiscale", r"[A-Z]{6}[0-9]{2}[A-EHLMPR-T](?:0[1-9]|[12][0-9]|4[1-9]|5[0-9])[A-M][0-9]{3}[A-Z]"),
    "it_vat": ("it.iva", r"[0-9]{7}0[0-9]{3}"),
    "jp_corporate_number": ("jp.cn", r"[1-9][0-9]{12}"),
    "jp_individual_number": ("jp.in_", r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}"),
    "kr_rrn": ("kr.rrn", r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])-[1-4][0-8][0-9]{5}"),
    "lt_personal_code": ("lt.asmens", r"[34][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])[0-9]{4}"),
    "lu_vat": ("lu.tva", r"(?i:LU)[ ]?[0-9]{8}"),
    "mx_curp": ("mx.curp", r"[B-DF-HJ-NP-TV-Z][AEO][B-DF-HJ-NP-TV-Z]{2}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])[HM]DF[B-DF-HJ-NP-TV-Z]{3}[0-9][0-9]"),
    "my_nric": ("my.nric", r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])-(?:0[1-9]|1[0-6]|2[1-9])-[0-9]{4}"),
    "nl_bsn": ("nl.bsn", r"[0-9]{9}"),
    "nl_vat": ("nl.btw", r"NL[0-9]{9}B[0-9]{2}"),
    "no_identity_number": ("no.fodselsnummer", r"(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|1[0-2])[4-9][0-9][0-4][0-9]{4}"),
    "nz_ird": ("nz.ird", r"[1-9][0-9]-[0-9]{3}-[0-9]{3}"),
    "pe_dni": ("pe.cui", r"[0-9]{8}-[0-9]"),
    "pe_ruc": ("pe.ruc", r"(?:1[057]|20)[0-9]{9}"),
    "pl_nip": ("pl.nip", r"[1-9][0-9]{2}-[0-9]{3}-[0-9]{2}-[0-9]{2}"),
    "pl_pesel": ("pl.pesel", r"[0-9]{2}(?:0[1-9]|1[0-2]|2[1-9]|3[0-2])(?:0[1-9]|1[0-9]|2[0-8])[0-9]{5}"),
    "pl_regon": ("pl.regon", r"[0-9]{9}"),
    "pt_nif": ("pt.nif", r"[1-9][0-9]{8}"),
    "ro_cnp": ("ro.cnp", r"[12][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|[123][0-9]|4[0-6])[0-9]{4}"),
    "se_organisation_number": ("se.orgnr", r"[1-35-9][0-9][2-9][0-9]{3}-[0-9]{4}"),
    "se_personal_number": ("se.personnummer", r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])-[0-9]{4}"),
    "sg_uen": ("sg.uen", r"(?:[0-9]{8}[A-Z]|20[012][0-9]{6}[A-Z]|T[0-2][0-9](?:LL|LP|RF|SS)[0-9]{4}[A-Z])"),
    "si_emso": ("si.emso", r"(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|1[0-2])9[0-9]{2}50[0-9]{4}"),
    "th_identity_number": ("th.pin", r"[1-8]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9]"),
    "tr_identity_number": ("tr.tckimlik", r"[1-9][0-9]{10}"),
    "us_routing_number": ("us.rtn", r"(?:0[1-9]|1[0-2]|2[1-9])[0-9]{7}"),
    "za_identity_number": ("za.idnr", r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])[0-9]{4}[01]8[0-9]"),
}


def draw(pattern, dice):
    """A text of the form `pattern`, which may hold classes, choices, groups and counts."""

    def characters(members):
        for what, value in members:
            if what is kind.RANGE:
                yield from map(chr, range(value[0], value[1] + 1))
            else:
                yield chr(value)

    def walk(nodes):
        return "".join(one(*node) for node in nodes)

    def one(what, value):
        if what is kind.LITERAL:
            return chr(value)
        if what is kind.IN:
            return dice.choice(list(characters(value)))
        if what is kind.MAX_REPEAT:
            least, most, nodes = value
            return "".join(walk(nodes) for _ in range(dice.randint(least, most)))
        if what is kind.SUBPATTERN:
            return walk(value[-1])
        if what is kind.BRANCH:
            return walk(dice.choice(value[1]))
        raise ValueError(what)

    return walk(pattern)


def is_valid(module, number):
    # Some of its modules fail on what they do not expect.
    try:
        return bool(module.is_valid(number))
    except Exception:
        return False


def alphabet(character):
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if character.isalpha() else "0123456789"


def changed(number, place, dice):
    return number[:place] + dice.choice(alphabet(number[place])) + number[place + 1 :]


def repaired(module, number, dice):
    """`number`, right by another last character, or by others in its last two places, or by chance
    in its last four; as it is, if none of these makes it right."""
    places = [at for at, one in enumerate(number) if one.isalnum()]
    for at in (places[-1:], places[-2:]):
        choices = [dice.sample(alphabet(number[one]), len(alphabet(number[one]))) for one in at]
        for characters in itertools.islice(itertools.product(*choices), 200):
            other = list(number)
            for one, character in zip(at, characters):
                other[one] = character
            if is_valid(module, "".join(other)):
                return "".join(other)
    for _ in range(50):
        if is_valid(module, number):
            break
        number = changed(number, dice.choice(places[-4:]), dice)
    return number


def numbers(module, pattern, count, dice):
    """In turn: a number as drawn, one of 4,000 right ones, and two of these with one character changed."""
    pattern = parser.parse(pattern)
    right = [repaired(module, draw(pattern, dice), dice) for _ in range(min(count, 4000))]
    for index in range(count):
        if index % 4 == 0:
            yield draw(pattern, dice)
        elif index % 4 == 1:
            yield dice.choice(right)
        else:
            number = dice.choice(right)
            places = [at for at, one in enumerate(number) if one.isalnum()]
            yield changed(number, dice.choice(places), dice)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    worst = 100.0
    for detector in sys.argv[3:] or sorted(FORMATS):
        name, pattern = FORMATS[detector]
        module = importlib.import_module("stdnum." + name)
        made = list(numbers(module, pattern, count, random.Random(detector)))
        lines = "".join(f"{detector}\t{number}\n" for number in made)
        answer = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
        ours = [line == "1" for line in answer.stdout.split()]
        theirs = [is_valid(module, number) for number in made]
        same = sum(a == b for a, b in zip(ours, theirs, strict=True))
        share = 100 * same / count
        worst = min(worst, share)
        apart = [number for number, a, b in zip(made, ours, theirs) if a != b][:3]
        right = sum(theirs)
        print(f"{detector:24} {share:7.3f} % of {count}, {right} right {apart}", flush=True)
    print(f"worst {worst:.3f} %")
    sys.exit(worst < 99)


main()
