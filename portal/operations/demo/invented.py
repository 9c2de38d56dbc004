"""Invented names, codes and pictures. Nobody and nothing here exists.

Check digits are right.
"""

import io
import math
import random
from dataclasses import dataclass

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from portal.foundation.search import pinyin_key
from portal.members.enterprises.rules.uscc import check_sign

_FIRST = "瑞恒泰嘉启晟汇鼎宏弘昱景睿璟卓朗澄沐云禾锦博远"
_SECOND = "泽源川岳峰林海原舟帆辰星曜和达通盛丰茂安宁同"
_TRADES = (
    ("科技", "I65"),
    ("电子商务", "F52"),
    ("供应链管理", "L72"),
    ("精密机械", "C34"),
    ("食品", "C14"),
    ("国际贸易", "F51"),
    ("物流", "G58"),
    ("服饰", "C18"),
    ("医疗器械", "C35"),
    ("新材料", "C26"),
    ("文化传媒", "R86"),
    ("环保工程", "N77"),
    ("建筑装饰", "E50"),
    ("农业发展", "A01"),
    ("汽车零部件", "C36"),
    ("企业咨询", "L72"),
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单"
_GIVEN = "建国志强丽华晓明文静海燕雅琴俊杰思远浩然雨桐子涵嘉怡明哲宇轩若曦"


@dataclass(frozen=True)
class Invented:
    """One invented company."""

    uscc: str
    name: str
    legal_representative: str
    contact: str
    industry: str
    region: str
    capital: int


def companies(seed: int, place: str, region: str, count: int) -> list[Invented]:
    """`count` companies, no two of which sound alike, the same for the same seed.

    Their codes stand in a district that does not exist.
    """
    dice = random.Random(seed)
    sounds: set[str] = set()
    found: list[Invented] = []
    while len(found) < count:
        trade, industry = dice.choice(_TRADES)
        stem = f"{place}{dice.choice(_FIRST)}{dice.choice(_SECOND)}{trade}"
        name = stem + dice.choice(("有限公司", "有限公司", "股份有限公司"))
        sound = pinyin_key(stem).removesuffix(stem)
        if sound in sounds:
            continue
        sounds.add(sound)
        body = f"91{999901 + seed % 90:06d}MA{seed % 10}{len(found):06d}"
        found.append(
            Invented(
                body + check_sign(body),
                name,
                person(dice),
                person(dice),
                industry,
                region,
                dice.choice((100, 300, 500, 1_000, 5_000)) * 1_000_000,
            )
        )
    return found


def person(dice: random.Random) -> str:
    """A name that may well be somebody's and means nobody."""
    return dice.choice(_SURNAMES) + "".join(dice.sample(_GIVEN, dice.choice((1, 2))))


def seal(name: str) -> bytes:
    """A round seal with the chamber's name on its arc and a star, as a PNG with a clear ground."""
    side = 640
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    red = (190, 32, 24, 255)
    draw.ellipse((16, 16, side - 16, side - 16), outline=red, width=16)
    font = ImageFont.truetype(str(pylopdf_fonts_zh_cn.serif_path()), 74 if len(name) < 12 else 62)
    spread = 250
    for place, sign in enumerate(name):
        angle = -spread / 2 + spread * place / (len(name) - 1)
        tile = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text(
            (60, 60), sign, font=font, fill=red, anchor="mm", stroke_width=1, stroke_fill=red
        )
        turned = tile.rotate(-angle, resample=Image.Resampling.BICUBIC)
        x = side / 2 + 228 * math.sin(math.radians(angle)) - 60
        y = side / 2 - 228 * math.cos(math.radians(angle)) - 60
        picture.alpha_composite(turned, (round(x), round(y)))
    points = []
    for corner in range(10):
        radius = 92 if corner % 2 == 0 else 36
        angle = math.radians(36 * corner)
        points.append((side / 2 + radius * math.sin(angle), side / 2 - radius * math.cos(angle)))
    draw.polygon(points, fill=red)
    return _png(picture)


def licence(company: Invented) -> bytes:
    """A picture in the manner of a business licence, marked as a specimen."""
    picture = Image.new("RGB", (1_100, 780), (252, 250, 244))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 24, 1_076, 756), outline=(178, 140, 60), width=6)
    title = ImageFont.truetype(str(pylopdf_fonts_zh_cn.serif_path()), 64)
    text = ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), 30)
    draw.text((550, 110), "营业执照（样张）", font=title, fill=(60, 40, 20), anchor="mm")
    lines = (
        f"统一社会信用代码  {company.uscc}",
        f"名　　称  {company.name}",
        f"法定代表人  {company.legal_representative}",
        f"注册资本  {company.capital // 1_000_000} 万元人民币",
        "本图为演示数据，不代表任何真实企业",
    )
    for number, line in enumerate(lines):
        draw.text((110, 240 + 90 * number), line, font=text, fill=(50, 45, 40))
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
