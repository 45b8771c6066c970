"""Who is in the demo, and what they have been saying to each other.

The words are our own. Times are told as (days ago, "hours:minutes"), or as
minutes ago for what happened just now, so that the history is always fresh.
"""

import time

DOMAIN = "verona.example"
PASSWORD = "wherefore art thou"
ROMEO = f"romeo@{DOMAIN}"

PEOPLE = {
    "romeo": "Romeo",
    "juliet": "Juliet Capulet",
    "mercutio": "Mercutio",
    "nurse": "Nurse Angelica",
    "benvolio": "Benvolio",
    "laurence": "Friar Laurence",
    "rosaline": "Rosaline",
    "layla": "ليلى",
}

# What the two who are online answer, in turn.
ANSWERS = {
    "juliet": [
        "There you are! I was about to ask the moon where you had got to. 🌙",
        "Say that again, but slower, and without the metaphor.",
        "My nurse reads over my shoulder, so let me only say: yes.",
        "I have thought about it. The orchard wall is lower on the north side.",
        "Good night, good night. I shall keep saying it until one of us falls asleep.",
        "That is the nicest thing anybody has typed to me all week.",
    ],
    "mercutio": [
        "I heard you the first time, but do go on.",
        "Is this about a girl? It is about a girl.",
        "Agreed, with the greatest possible reluctance. 🎭",
        "I shall answer in verse as soon as I find a rhyme for “Verona”.",
    ],
}

GREETING = ["Awake at last!", "The feast is at eight. Wear the mask with the good nose. 👃"]

# (when, True when Romeo wrote it, text), oldest first.
TALKS = {
    "juliet": [
        ((9, "19:02"), False, "Is this the gentleman who stood below my window for two hours?"),
        ((9, "19:03"), True, "It is. I was admiring the architecture."),
        ((9, "19:03"), False, "The architecture."),
        ((9, "19:04"), True, "It is a very good balcony."),
        ((9, "19:06"), False, "My cousin says that nobody looks at a balcony like that. He also says he owns a sword, so consider yourself told."),
        ((9, "19:07"), True, "Then I shall admire it from further away, and with my hat on."),
        ((9, "19:08"), False, "Come closer and take the hat off. I could not see your face."),
        ((8, "08:15"), True, "Good morrow! Did you sleep?"),
        ((8, "09:40"), False, "Not a wink. The nightingale in the pomegranate tree has no sense of time."),
        ((8, "09:41"), True, "I believe that was the lark."),
        ((8, "09:41"), False, "It was the nightingale. I have lived here for thirteen years."),
        ((8, "09:42"), True, "I withdraw the lark. 🐦"),
        ((8, "12:30"), False, "I looked it up, since you will not let it rest:\nhttps://www.example.org/birds/nightingale?song=night\nRead the second paragraph and then apologise."),
        ((8, "12:44"), True, "I have read it. I apologise to you, to the nightingale, and to the pomegranate tree, in that order."),
        ((8, "12:45"), False, "Accepted on behalf of all three. 🌳"),
        ((7, "21:10"), True, "What is in a name, do you think?"),
        ((7, "21:14"), False, "Six letters in mine, five in yours, and forty years of trouble in our surnames. If a rose were called a turnip I would still put it on the table, but I would not write poems about it."),
        ((7, "21:15"), True, "I have written eleven poems since Tuesday."),
        ((7, "21:15"), False, "About turnips?"),
        ((7, "21:16"), True, "Not one."),
        ((7, "21:20"), False, "Then read me the shortest."),
        ((7, "21:26"), True, "But soft,\nwhat light\nis that, and is it on a timer?"),
        ((7, "21:27"), False, "😂"),
        ((7, "21:27"), False, "You may read me the others in person."),
        ((6, "10:05"), False, "I am sent to my aunt in Mantua until Thursday, where there is no signal and a great deal of embroidery. Do not pine, or at least do it quietly."),
        ((6, "10:06"), True, "I shall pine in a moderate key."),
        # three days of nothing
        ((3, "18:31"), False, "Back! My aunt says that I embroider like a fencing master."),
        ((3, "18:31"), True, "I have missed you in four languages, two of which I do not speak."),
        ((3, "18:33"), False, "Which four?"),
        ((3, "18:35"), True, "Latin, French, Sighing, and a little Flute."),
        ((3, "18:36"), False, "Write something in Flute."),
        ((3, "18:36"), True, "♪ ♫ ♪"),
        ((3, "18:37"), False, "Fluent."),
        ((1, "20:58"), False, "The rehearsal has moved to seven. Bring the long coat: the balcony is beautiful by moonlight and freezing by half past."),
        ((1, "21:02"), True, "I will be there. Which door?"),
        ((1, "21:03"), False, "The small one by the orchard. The friar has the key, and the friar has been told nothing, so be charming."),
        ((1, "21:04"), True, "How charming?"),
        ((1, "21:04"), False, "Mention the herbs."),
        (55, True, "I mentioned the herbs. We are now both experts on mint."),
        (52, False, "I knew I could rely on you."),
        (50, False, "Ring the little bell when you are on the stairs, and mind the third step: it complains."),
    ],
    "mercutio": [
        ((5, "11:00"), False, "You were not at fencing."),
        ((5, "11:20"), True, "I had a letter to finish."),
        ((5, "11:20"), False, "You had a letter to *start*. I saw the page. It said “Dear” and then there was a drawing of a swan."),
        ((5, "11:21"), True, "It was a heron."),
        ((5, "11:22"), False, "O then I am wounded. A heron! Call the surgeons."),
        ((4, "16:45"), False, "Do you know that Queen Mab visits people who fall asleep over their letters? She is no bigger than a seal ring, drives a hazelnut drawn by gnats, and her whip is a cricket's bone. She runs over a lawyer's fingers and he dreams of fees; over a soldier's neck and he dreams of trenches, wakes up, swears, and sleeps again. What she does with people who draw herons I leave to you, but I would keep the window shut, and I would certainly not have the cheese."),
        ((4, "16:52"), True, "Are you well?"),
        ((4, "16:52"), False, "Never better. I had the cheese."),
        ((2, "22:15"), True, "Benvolio wants to know who has his cloak."),
        ((2, "22:17"), False, "Tell him it is being worn by somebody with the figure for it. 💃"),
    ],
    "nurse": [
        ((2, "09:12"), False, "Young man I have a message for you but I have run up all the stairs and must sit down first"),
        ((2, "09:13"), True, "Take your time, good Nurse."),
        ((2, "09:31"), False, "My back! The other side. Ah"),
        ((2, "09:32"), True, "And the message?"),
        ((2, "09:58"), False, "She says Yes"),
        ((2, "09:58"), True, "Yes to what?"),
        ((2, "10:40"), False, "Where is your mother? Have you eaten?"),
    ],
    "benvolio": [
        ((3, "07:55"), False, "Part, fools. Oh, forgive me, that was meant for somebody else."),
        ((3, "08:10"), True, "No harm done. Who was it this time?"),
        ((3, "08:12"), False, "The usual. Somebody bit his thumb, and somebody else wished to know at whom."),
    ],
    "laurence": [
        ((5, "06:10"), False, "The meadowsweet is up. Wisely and slow, my son: they stumble that run fast, and they wake the brothers."),
        ((5, "10:30"), True, "Thank you, Father. Would you still have time on Thursday?"),
        ((5, "10:31"), False, "For you, always. For the young lady, I have swept the chapel."),
    ],
    "rosaline": [
        ((8, "18:00"), True, "I have written you a sonnet."),
        ((8, "23:15"), False, "Thank you for the book! I have sworn to remain single and to read it."),
    ],
    "layla": [
        ((4, "14:20"), False, "مرحبا روميو! سمعتُ أنّ في فيرونا شاعرًا جديدًا."),
        ((4, "14:25"), True, "Somebody is flattering me. Was it Mercutio?"),
        ((4, "14:26"), False, "نعم، وقال إنك ترسم طائر البلشون أيضًا 🪶"),
        ((4, "14:30"), True, "אין לי מילים. כלומר, יש לי יותר מדי."),
        ((4, "14:31"), False, "اكتب لي قصيدة، بالعربية أو بالإيطالية: الشِّعر واحد والقلوب كثيرة."),
    ],
}


def moment(when):
    if isinstance(when, int):
        return time.time() - when * 60
    days, clock = when
    hours, minutes = clock.split(":")
    today = time.localtime()
    return time.mktime((today.tm_year, today.tm_mon, today.tm_mday - days, int(hours), int(minutes), 0, 0, 0, -1))


def history():
    """Returns every message as the server's archive wants it, oldest first."""
    messages = []
    for name, talk in TALKS.items():
        address = f"{name}@{DOMAIN}"
        for number, (when, by_romeo, text) in enumerate(talk):
            sender, receiver = (ROMEO, address) if by_romeo else (address, ROMEO)
            messages.append({"from": sender, "to": receiver, "body": text, "time": moment(when) + number / 1000,
                             "id": f"{name}-history-{number}"})
    return sorted(messages, key=lambda message: message["time"])
