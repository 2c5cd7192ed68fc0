"""Small stories in four languages, made from our own sentences: as many as wanted, the same for a seed.

A story is an event, a place, a person and two numbers; each of its versions is in one language, leaves a
sentence out or changes their order, and has the words of its own language throughout.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

LANGS = ("it", "ar", "en", "he")

PLACES = {
    "it": ("Torino", "Haifa", "Beirut", "Genova", "Amman", "Leeds", "Tunisi", "Trieste", "Jaffa", "Dublino"),
    "ar": ("تورينو", "حيفا", "بيروت", "جنوة", "عمّان", "ليدز", "تونس", "ترييستي", "يافا", "دبلن"),
    "en": ("Turin", "Haifa", "Beirut", "Genoa", "Amman", "Leeds", "Tunis", "Trieste", "Jaffa", "Dublin"),
    "he": ("טורינו", "חיפה", "ביירות", "גנואה", "עמאן", "לידס", "תוניס", "טריאסטה", "יפו", "דבלין"),
}
PEOPLE = {
    "it": ("Marta Rinaldi", "Omar Haddad", "Dana Levi", "John Carter", "Lina Mansour", "Paolo Greco"),
    "ar": ("مارتا رينالدي", "عمر حداد", "دانا ليفي", "جون كارتر", "لينا منصور", "باولو غريكو"),
    "en": ("Marta Rinaldi", "Omar Haddad", "Dana Levi", "John Carter", "Lina Mansour", "Paolo Greco"),
    "he": ("מרתה רינלדי", "עומר חדאד", "דנה לוי", "ג'ון קרטר", "לינה מנסור", "פאולו גרקו"),
}
EVENTS: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "it": (
            "Il nuovo ponte di {place} sarà aperto al traffico il {n} maggio, ha annunciato il comune.",
            "«Abbiamo aspettato questo ponte per {m} anni», ha detto {person}, responsabile del progetto.",
            "I lavori sono costati {m} milioni di euro, quasi il doppio di quanto previsto.",
            "Il vecchio ponte sarà demolito prima dell'inverno.",
        ),
        "ar": (
            "أعلنت البلدية أن الجسر الجديد في {place} سيفتح أمام حركة المرور في {n} مايو.",
            'وقال {person}، المسؤول عن المشروع: "انتظرنا هذا الجسر {m} عاما".',
            "وبلغت كلفة الأعمال {m} مليون يورو، أي ما يقارب ضعف ما كان متوقعا.",
            "وسيهدم الجسر القديم قبل حلول الشتاء.",
        ),
        "en": (
            "The new bridge in {place} will open to traffic on {n} May, the city announced.",
            '"We have waited {m} years for this bridge," said {person}, who is in charge of the project.',
            "The works cost {m} million euros, almost twice what had been planned.",
            "The old bridge will be pulled down before winter.",
        ),
        "he": (
            "הגשר החדש ב{place} ייפתח לתנועה ב-{n} במאי, הודיעה העירייה.",
            '"חיכינו לגשר הזה {m} שנים", אמר {person}, האחראי על הפרויקט.',
            "העבודות עלו {m} מיליון אירו, כמעט כפול ממה שתוכנן.",
            "הגשר הישן ייהרס לפני החורף.",
        ),
    },
    {
        "it": (
            "Le piogge di domenica hanno allagato {n} scuole a {place} e nei paesi vicini.",
            "«Nessun bambino è in pericolo, ma le lezioni sono sospese», ha dichiarato {person}.",
            "I vigili del fuoco hanno soccorso {m} persone rimaste bloccate nelle auto.",
            "Il fiume è tornato sotto il livello di guardia nella notte.",
        ),
        "ar": (
            "أغرقت أمطار يوم الأحد {n} مدرسة في {place} والبلدات المجاورة.",
            'وصرح {person}: "لا خطر على أي طفل، لكن الدروس معلقة".',
            "وأنقذ رجال الإطفاء {m} شخصا علقوا في سياراتهم.",
            "وعاد منسوب النهر إلى ما دون حد الخطر خلال الليل.",
        ),
        "en": (
            "Sunday's rain flooded {n} schools in {place} and the towns around it.",
            '"No child is in danger, but lessons are suspended," {person} said.',
            "Firefighters rescued {m} people who were trapped in their cars.",
            "The river fell below the danger mark during the night.",
        ),
        "he": (
            "הגשמים ביום ראשון הציפו {n} בתי ספר ב{place} וביישובים הסמוכים.",
            '"אף ילד אינו בסכנה, אבל הלימודים מושעים", אמר {person}.',
            "הכבאים חילצו {m} בני אדם שנלכדו במכוניותיהם.",
            "הנהר ירד אל מתחת לקו הסכנה במהלך הלילה.",
        ),
    },
    {
        "it": (
            "La fabbrica di batterie di {place} taglierà {m} posti di lavoro entro {n} mesi.",
            "«È una decisione dolorosa e non ce n'era un'altra», ha scritto {person} ai dipendenti.",
            "I sindacati hanno annunciato uno sciopero per lunedì.",
            "L'azienda aveva ricevuto aiuti pubblici per {n} milioni di euro.",
        ),
        "ar": (
            "سيلغي مصنع البطاريات في {place} {m} وظيفة خلال {n} أشهر.",
            'وكتب {person} إلى الموظفين: "إنه قرار مؤلم ولم يكن هناك قرار آخر".',
            "وأعلنت النقابات إضرابا يوم الاثنين.",
            "وكانت الشركة قد تلقت دعما حكوميا قدره {n} مليون يورو.",
        ),
        "en": (
            "The battery plant in {place} will cut {m} jobs within {n} months.",
            '"It is a painful decision and there was no other," {person} wrote to the staff.',
            "The unions announced a strike for Monday.",
            "The company had received {n} million euros of public aid.",
        ),
        "he": (
            "מפעל הסוללות ב{place} יקצץ {m} משרות בתוך {n} חודשים.",
            '"זו החלטה כואבת ולא הייתה אחרת", כתב {person} לעובדים.',
            "האיגודים המקצועיים הודיעו על שביתה ביום שני.",
            "החברה קיבלה סיוע ציבורי של {n} מיליון אירו.",
        ),
    },
    {
        "it": (
            "Un manoscritto di {m} pagine è stato ritrovato nella biblioteca di {place}.",
            "«Lo abbiamo cercato per tutta la vita», ha raccontato {person}, che insegna storia.",
            "Il libro era nascosto dietro uno scaffale da almeno {n} decenni.",
            "Sarà esposto al pubblico dal prossimo autunno.",
        ),
        "ar": (
            "عُثر على مخطوطة من {m} صفحة في مكتبة {place}.",
            'وروى {person}، الذي يدرّس التاريخ: "بحثنا عنها طوال حياتنا".',
            "وكان الكتاب مخبأ خلف رف منذ {n} عقود على الأقل.",
            "وسيعرض على الجمهور ابتداء من الخريف المقبل.",
        ),
        "en": (
            "A manuscript of {m} pages has been found in the library of {place}.",
            '"We have looked for it all our lives," said {person}, who teaches history.',
            "The book had been hidden behind a shelf for at least {n} decades.",
            "It will be shown to the public from next autumn.",
        ),
        "he": (
            "כתב יד בן {m} עמודים נמצא בספרייה של {place}.",
            '"חיפשנו אותו כל חיינו", סיפר {person}, המלמד היסטוריה.',
            "הספר היה מוסתר מאחורי מדף לפחות {n} עשורים.",
            "הוא יוצג לציבור החל מהסתיו הבא.",
        ),
    },
    {
        "it": (
            "La squadra di {place} ha vinto la coppa ai rigori dopo {m} minuti di gioco.",
            "«Questi ragazzi non hanno mai smesso di correre», ha detto l'allenatore {person}.",
            "Davanti allo stadio hanno festeggiato {n} mila tifosi.",
            "La finale di ritorno si giocherà a giugno.",
        ),
        "ar": (
            "فاز فريق {place} بالكأس بركلات الترجيح بعد {m} دقيقة من اللعب.",
            'وقال المدرب {person}: "هؤلاء الشبان لم يتوقفوا عن الركض أبدا".',
            "واحتفل {n} ألف مشجع أمام الملعب.",
            "وستقام مباراة الإياب في يونيو.",
        ),
        "en": (
            "The team of {place} won the cup on penalties after {m} minutes of play.",
            '"These boys never stopped running," coach {person} said.',
            "In front of the stadium {n} thousand fans celebrated.",
            "The return match will be played in June.",
        ),
        "he": (
            "הקבוצה של {place} זכתה בגביע בבעיטות הכרעה אחרי {m} דקות משחק.",
            '"הבחורים האלה לא הפסיקו לרוץ לרגע", אמר המאמן {person}.',
            "מול האצטדיון חגגו {n} אלף אוהדים.",
            "משחק הגומלין ייערך ביוני.",
        ),
    },
)


def stories(count: int, seed: int = 1, versions: int = 5) -> Iterator[dict[str, str]]:
    """Yield the articles of `count` stories as records of a batch's input."""
    for story in range(count):
        dice = random.Random(f"{seed} {story}")
        event, place, person = dice.choice(EVENTS), dice.randrange(10), dice.randrange(6)
        n, m = dice.randint(2, 30), dice.randint(31, 900)
        day = date(2025, 1, 1) + timedelta(days=story // 20)
        for version in range(versions):
            lang = LANGS[version % 4]
            told = [
                line.format(place=PLACES[lang][place], person=PEOPLE[lang][person], n=n, m=m)
                for line in event[lang]
            ]
            if dice.random() < 0.5:
                del told[dice.randrange(2, 4)]
            if dice.random() < 0.3:
                told[1:] = reversed(told[1:])
            yield {
                "id": f"{story:06}-{version}-{lang}",
                "story": f"{story:06}",
                "lang": lang,
                "date": day.isoformat(),
                "title": "",
                "text": "\n\n".join(told) + "\n",
            }
