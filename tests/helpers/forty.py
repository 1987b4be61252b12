"""Forty stories a day: invented, and none like another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

A_DAY = 40
_WHO = (
    "Beekeepers, Tram drivers, Harbour pilots, Bakers, Surveyors, Choirs, Archaeologists, "
    "Nurses, Winegrowers, Lock keepers, Cyclists, Violin makers, Foresters, Librarians, Ferry "
    "crews, Glassblowers, Teachers, Shepherds, Astronomers, Brewers, Goalkeepers, Potters, "
    "Firefighters, Translators, Miners, Cheesemakers, Rowers, Judges, Gardeners, Blacksmiths, "
    "Anglers, Dancers, Printers, Mayors, Skaters, Pharmacists, Weavers, Climbers, Sculptors, "
    "Postmen"
).split(", ")
_DID = (
    "opened a school, ended a strike, signed a treaty, found a shipwreck, won a cup, lost an "
    "appeal, planted an orchard, restored an organ, blocked a motorway, mapped a cave, elected "
    "a chairwoman, sold a castle, saved a swan, banned a pesticide, published a dictionary, "
    "measured a glacier, revived a festival, sued a railway, built a footbridge, caught a "
    "sturgeon, cancelled a parade, translated an epic, drained a canal, discovered a comet, "
    "raised a wage, burned a contract, adopted a flag, launched a balloon, postponed a vote, "
    "tasted a vintage, repaired a dyke, closed a tunnel, bought an island, broke a record, "
    "tamed a falcon, painted a lighthouse, refused a merger, counted a herd, moved a monument, "
    "renamed a square"
).split(", ")
_WHERE = (
    "Arlund, Besko, Cormena, Dravik, Elmstadt, Fiorano, Galtby, Hodrusa, Ilmenau, Jarvik, "
    "Kestrin, Lomnica, Marzipo, Norbeck, Ostrava, Pelgrim, Quista, Rovanda, Selmach, Tornio, "
    "Ubrique, Valmora, Wieluń, Xanthi, Yverdon, Zelenik, Abtwil, Brasso, Clermond, Dunmoor, "
    "Eskdale, Frosta, Grimstad, Hvalso, Isny, Jelgava, Klaksvik, Lustenau, Mirandel, Nyborg"
).split(", ")
_OUTLETS = "Gazeta Nova, Tagblick, Harbour Post, Meridian Daily, Southern Echo".split(", ")


def article(number: int, first: datetime) -> dict[str, Any]:
    """The article with a number, 0 for the first; forty come on each day from `first` on."""
    day, place = divmod(number, A_DAY)
    who, did = _WHO[place], _DID[(place * 7 + day) % A_DAY]
    where = _WHERE[(place * 11 + 3 * day) % A_DAY]
    came = first + timedelta(days=day, minutes=30 * place)
    return {
        "id": f"n{number:03}",
        "title": f"{who} of {where}",
        "text": f"{who} of {where} {did}.",
        "published": came.isoformat(),
        "source": _OUTLETS[place % len(_OUTLETS)],
    }
