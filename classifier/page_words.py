"""What sites call the parts of a page, as tuples of phrases and sets of words, folded as `text.tokens` folds; data only."""

__all__ = [
    "ADS",
    "BAR_SIGNS",
    "BAR_WORDS",
    "BUTTONS",
    "BYLINES",
    "CAPTION_MARKS",
    "CAPTION_STEMS",
    "CREDITS",
    "FILLERS",
    "FIRM",
    "FIRM_STEMS",
    "FUNCTION_WORDS",
    "HARD",
    "IMPERATIVES",
    "JOBS",
    "MAIL_HEADERS",
    "MAKERS",
    "MESSAGES",
    "NO_SIGNS",
    "PICTURES",
    "POINTERS",
    "READER",
    "SITE_NAMES",
    "SITE_WORDS",
    "SOFT",
    "SOFT_STEMS",
]


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


def _stems(text: str) -> tuple[str, ...]:
    """Return phrases with a space behind them, so that `startswith` finds whole words."""
    return tuple(f"{phrase} " for phrase in _phrases(text))


# -------------------------------------------------------------------------------------------------------------- headings
# A block that is one of these, or begins with one of the stems and is short, opens a box.

# A box inside the article or behind it: other stories on its subject, an offer.
SOFT = _phrases(
    """
    related | read more | read also | also read | read on | keep reading | recommended | more on this | newsletter |
    newsletters | subscribe | sign up | get the | get our | get involved | get news | be the first to know |
    a message from | tags | tagged | topics | topic | filed under | posted in | share this | share or comment | follow |
    slideshow | listen to | promoted | sponsored | become a | download our | never miss
    """
)
SOFT_STEMS = _stems(
    """
    related | read more on | read more about | more on | more about | sign up for | subscribe to | get the | get our |
    get email | get involved | get news | follow us | follow the topics | share this | share or comment | a message from |
    listen to this | explore more on | topics in this | tagged | posted in | filed under | subscribe | become a |
    become an | download our
    """
)
# A box of other stories, a column of the page or a list of its services.
FIRM = _phrases(
    """
    most | trending | trending now | popular | latest | recent posts | recent comments | recent stories | top stories |
    top news | top articles | top of the day | top headlines | today s top | hot topics | more | other news |
    other stories | other links | other products | other articles | elsewhere | editors picks | editor s picks |
    in other news | in pictures | news in brief | headlines | features | videos | video | photos | photo galleries |
    photo gallery | gallery | multimedia | podcasts | opinion | opinions | opinion blog interview | don t miss | must read |
    news of partners | partner news | partners | from our partners | from the web | around the web | from the archive |
    you may | you might | may also like | it may interest you | what to read | what others are | up next | next up |
    read next | read this next | see also | explore more | explore | recommended for you | recommended stories |
    recommended by | similar | archives | archive | categories | tag cloud | useful links | quick links | links |
    classifieds | downloads | press contact | media contact | previous article | next article | previous post | next post |
    previous story | post navigation | related news | related content | related topics | promoted content |
    promoted stories | sponsored content | sponsored links | sponsored stories | ads by | sectors | editions | sections |
    services | in the news | popular tags | about the author | stay connected | connect | our products | site index |
    latest news | latest stories | latest headlines | breaking news | primary sidebar
    """
)
FIRM_STEMS = _stems(
    """
    most read | most popular | most viewed | most shared | most commented | most watched | most searched | trending in |
    trending now | trending stories | trending news | trending videos | latest from | latest news | latest videos |
    latest headlines | top stories | top news | top headlines | more from | more stories | more news | more in | more for |
    more like | more to | elsewhere on | you may | you might | what to read | what we re | what else we |
    related news by | today s top | from our | from the web | recommended by | recommended stories | recommended for |
    promoted | sponsored | popular in | popular on | news of partners
    """
)
# Behind this only comments or the page's foot follow.
HARD = _phrases(
    """
    comments | comment | comments policy | leave a comment | leave a reply | leave your | post a comment | add a comment |
    add comment | add your comment | add your comments | write a comment | view comments | view all comments |
    join the conversation | join the discussion | have your say | share what you think | what do you think |
    latest comments | load more comments | load comments | show more comments | no comments yet | reader interactions |
    reader comments | copyright | all rights reserved | about us | contact us | terms of use | terms of service |
    privacy policy | cookie policy | site map | sitemap | powered by | imprint | legal notice | unsubscribe |
    advertise with us | advertise | give feedback | feedback | main menu | navigation
    """
)
# Headings of boxes that have a text of their own.
ADS = ("a message from", "message from", "sponsored", "sponsor message", "from our sponsor")
# A block that begins like this points away from the article: `Read also: …`.
POINTERS = _phrases(
    """
    read also | also read | see also | read more | read next | related | recommended | most read | most popular | trending |
    don t miss | watch | subscribe to | sign up | follow us | share this | click here | download the | download our |
    all rights reserved | copyright | advertisement | comments | tags | filed under | more on | you may also |
    editors picks | top stories | latest news | more stories | more | watch video | watch live | listen | listen to the |
    see more at | topics | slideshow | related topics | related tags | related links | related stories | related news |
    related articles | story continues | skip to | in this article | breaking | live | disclaimer
    """
)
# These head a column of a page, but also a section of an article, or begin too many sentences: alone they say nothing.
NO_SIGNS = frozenset(
    """
    opinion opinions news features links elsewhere explore services sections headlines connect downloads partners similar
    categories archive archives breaking live listen topic topics a in it on no other
    """.split()
)

# ------------------------------------------------------------------------------------------------------------------ bars

# Words of which bars consist: share, print, sign in, date and time, the names of a paper's sections.
BAR_WORDS = frozenset(
    """
    share shares shared tweet tweets facebook twitter whatsapp telegram reddit linkedin pinterest instagram youtube
    flipboard weibo wechat fb tw ig yt email e mail print printer friendly reprints save saved copy copied link embed
    download transcript listen reader view views show load reply replies answer report like likes loading follow followers
    subscribe subscription subscriptions sign log login logout register join donate gift account menu search skip content
    navigation back top next previous comments comment close cancel submit send advert advertisement advertising ads
    sponsor sponsored promoted message updated update published publish posted modified created edited exclusive ago
    yesterday today second seconds minute minutes min mins hour hours hr hrs day days week weeks month months year years
    time am pm gmt utc bst est edt pst pdt et ist cet cest nzdt jan feb mar apr jun jul aug sep sept oct nov dec january
    february march april may june july august september october november december mon tue tues wed thu thur thurs fri sat
    sun monday tuesday wednesday thursday friday saturday sunday video videos photo photos gallery font size language
    english app settings accept reject cookies cookie privacy terms conditions contact about help faq rss imprint sitemap
    accessibility careers newsletter newsletters notifications archive archives permalink pdf mb kb edition website
    desktop mobile rate newest oldest home news world politics business sport sports football opinion weather tech
    technology economy lifestyle entertainment culture music live tv latest blogs podcasts classifieds markets sections
    advertise jobs bookmark read reading toggle caption enlarge image images slideshow play watch duration hide full
    screen window article story stories related key main continue continues below scroll down jump me
    """.split()
)
FILLERS = frozenset(
    """
    to the a an our us this all on by of for and or in at with from page post more your my it is now here as first last
    """.split()
)
# Bars that begin so are found on pages only; others, such as dates, in clean articles too.
BAR_SIGNS = frozenset(
    """
    share print printer skip jump menu subscribe login sign log accept facebook twitter tweet reply comments previous home
    close email search
    """.split()
)
BUTTONS = frozenset("share follow subscribe print save receive send pin".split())
# How lines that name an author begin and end.
BYLINES = frozenset(
    """
    by edited reporting posted written interview photography illustration live story published exclusive presented
    sponsored
    """.split()
)
CREDITS = frozenset("reporting additional writing compiled edited".split())
MAKERS = frozenset("editor author source reporter reporting text photo".split())
JOBS = frozenset(
    "correspondent correspondents reporter reporters editor editors writer writers columnist staff agencies".split()
)
MAIL_HEADERS = ("From: ", "To: ", "Date: ", "Cc: ", "Reply-To: ")

# -------------------------------------------------------------------------------------------------------------- captions

PICTURES = frozenset("photo photos photograph picture pictures image images illustration figure graphic infographic".split())
# What names a picture's maker or source, in lower case.
CAPTION_MARKS = _phrases(
    """
    photo: | photos: | photograph: | photographs: | picture: | pictures: | image: | images: | credit: | credit... |
    image credit | image source | image caption | media caption | photo by | picture by | image by | illustration by |
    photography: | photography by | file photo | hide caption | getty images | representative image | photo taken on |
    (photo | (image | (file
    """
)
# Each of them has one of these, so that few blocks are searched for every mark; letters only, as folded text has them.
CAPTION_STEMS = ("photo", "image", "caption", "credit", "picture", "illustration", "file")

# --------------------------------------------------------------------------------------------------------- page to reader

# Words with which a page speaks of itself to its reader.
SITE_WORDS = frozenset(
    """
    website websites site app apps account sign login log logged register registration comment comments commenting
    copyright reserved consent consented browser advertising ads advertisement sponsored feed alerts notifications twitter
    facebook whatsapp telegram youtube instagram click tap download donate paypal journalism hyperlink links bookmarks
    password username ebook sharing
    """.split()
)
# These say so twice as loudly.
SITE_NAMES = frozenset(
    """
    subscribe subscribed subscribing subscriber subscribers subscription subscriptions newsletter newsletters email emails
    inbox unsubscribe cookie cookies privacy affiliate disclosure disclaimer moderated republished reproduced syndicated
    ctrl
    """.split()
)
IMPERATIVES = frozenset(
    "choose sign subscribe enter register join click tap download follow become support get already help".split()
)
READER = frozenset("you your yours we our us this please".split())
# What the page's own machinery says.
MESSAGES = _stems(
    """
    something went wrong | please try again | thank you for subscribing | thanks for subscribing | want to read more |
    already a subscriber | already have an account | you must be logged | this article is free | this discussion is closed |
    comments are closed
    """
)

# ----------------------------------------------------------------------------------------------------------------- prose

# Words that running prose cannot do without and that menus and headlines mostly lack.
FUNCTION_WORDS = frozenset(
    """
    the of and to in that is was for on with as by at from it its be are were has have had he she they his her their an
    this which who not but been will would after said than more about when where while there into also or if we our you
    what
    """.split()
)
