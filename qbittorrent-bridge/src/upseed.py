# VERSION: 1.0
# AUTHORS: Upseed
# What your own Upseed node knows, in this client's search. To download is to upvote.

import json
import urllib.parse
import urllib.request

from novaprinter import prettyPrinter

NODE = "@NODE@"
TOKEN = "@TOKEN@"


class upseed(object):
    url = NODE
    name = "Upseed"
    supported_categories = {"all": "0"}

    def search(self, what, cat="all"):
        # The words come quoted already.
        words = urllib.parse.unquote(what)
        query = urllib.parse.urlencode({"q": words, "feed": TOKEN})
        # No proxy: the node is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(NODE + "/upseed/find?" + query, timeout=30) as answer:
            found = json.loads(answer.read(4 << 20).decode("utf-8"))
        for item in found:
            prettyPrinter({
                "link": item["link"],
                "name": item["name"].replace("|", " "),
                "size": "%d B" % item["size"],
                "seeds": item["seeds"],
                "leech": -1,
                "engine_url": self.url,
                "desc_link": item["desc_link"],
                "pub_date": item["pub_date"],
            })
