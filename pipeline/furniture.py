"""The words of a page that are not its text: labels, credits, bylines.

Pages carry one another's furniture (a Share button in Italian), so the languages' words are used together.
Write them in lower case, with " | " between them.
"""

LABELS = (
    # what follows one, up to the next sentence, is furniture as well
    "تصنيفات | قصص قد تهمك | اقرأ أيضا | اقرأ أيضاً | إقرأ أيضا | إقرأ أيضاً | اقرأ المزيد | مواضيع ذات صلة"
    " | موضوعات ذات صلة | أخبار ذات صلة | مقالات ذات صلة | قد يهمك | قد يعجبك | شارك | شارك المقال | مشاركة"
    " | الأكثر قراءة | الكلمات المفتاحية | كلمات مفتاحية | كلمات دلالية | وسوم | الوسوم | تابعنا | التعليقات",
    "tags | tag | topics | related topics | related | related stories | related articles | related news"
    " | more stories | more on this story | more on this topic | read more | read also | also read | see also"
    " | you may also like | recommended | recommended stories | most read | share | share this"
    " | share this article | follow us | subscribe | newsletter | comments | advertisement | categories",
    "תגיות | תגים | כתבות נוספות | עוד בנושא | עוד כתבות | כתבות קשורות | קראו עוד | קרא עוד | קראו גם"
    " | ראו גם | אולי יעניין אותך | אולי יעניין אתכם | שתפו | שתף | שיתוף | הנקראות ביותר | תגובות | פרסומת"
    " | עקבו אחרינו",
    "argomenti | leggi anche | leggi tutto | leggi di più | per approfondire | articoli correlati"
    " | notizie correlate | potrebbe interessarti | potrebbe interessarti anche | ti potrebbe interessare"
    " | condividi | condividi su facebook | condividi l'articolo | seguici | iscriviti alla newsletter"
    " | commenti | pubblicità | i più letti | altre notizie | categorie",
)

NOTICES = (
    "جميع الحقوق محفوظة | all rights reserved | כל הזכויות שמורות | riproduzione riservata"
    " | tutti i diritti riservati",
)

CREDITS = (
    # who supplies pictures: a line that ends in one, after a dash, a bar or in brackets, is a caption
    "رويترز | أ ف ب | أ.ف.ب | فرانس برس | أسوشيتد برس | بلومبرغ | الأناضول | غيتي | وكالات | أرشيفية",
    "reuters | ap | ap photo | afp | bloomberg | getty | getty images | epa | xinhua | anadolu | file photo"
    " | handout | shutterstock | ansa | lapresse | adnkronos | agi | imagoeconomica",
    "רויטרס | איי פי | אי-פי | גטי אימג'ס | לע\"מ | פלאש 90",
)

PICTURES = ("الصورة | تصوير | photo | image | picture | צילום | תמונה | foto | immagine",)

BYLINES = ("بقلم | إعداد | by | reporting by | written by | מאת | di | a cura di",)
