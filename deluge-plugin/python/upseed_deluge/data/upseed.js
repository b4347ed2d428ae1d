/* The Social button of Deluge Web: the view in a frame over the list of torrents. */
Ext.ns("Deluge.plugins");

// Without allow-same-origin: whatever gets into the view cannot reach Deluge, which can run programs.
Deluge.plugins.UPSEED_FRAME =
    "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";

Deluge.plugins.UpseedPlugin = Ext.extend(Deluge.Plugin, {
    name: "Upseed",

    onEnable: function () {
        this.button = deluge.toolbar.insert(deluge.toolbar.items.getCount(), {
            id: "upseed-button",
            text: _("Social"),
            cls: "x-btn-text",
            enableToggle: true,
            toggleHandler: this.toggle,
            scope: this,
        });
        deluge.toolbar.doLayout();
        this.listener = this.onMessage.createDelegate(this);
        window.addEventListener("message", this.listener);
        this.looks = setInterval(this.look.createDelegate(this), 60000);
        // Before the log-in there is nobody to ask.
        deluge.events.on("connect", this.look, this);
        this.look();
        this.page = deluge.preferences.addPage(new Deluge.plugins.UpseedPreferences());
    },

    onDisable: function () {
        window.removeEventListener("message", this.listener);
        clearInterval(this.looks);
        deluge.events.un("connect", this.look, this);
        this.hide();
        if (this.button) {
            deluge.toolbar.remove(this.button, true);
            deluge.toolbar.doLayout();
            this.button = null;
        }
        if (this.page) {
            deluge.preferences.removePage(this.page);
            this.page = null;
        }
    },

    toggle: function (button, pressed) {
        if (pressed) this.show();
        else this.hide();
    },

    token: function (then) {
        deluge.client.upseed.frame_token({
            success: then,
            failure: function (error) {
                var text = (error && error.error && error.error.message) || _("Upseed does not answer.");
                Ext.Msg.alert("Upseed", Ext.util.Format.htmlEncode(text));
            },
        });
    },

    show: function () {
        var body = deluge.ui.MainPanel.body;
        if (this.frame || !body) return;
        this.token(
            function (token) {
                if (this.frame || !this.button || !this.button.pressed) return;
                var frame = document.createElement("iframe");
                frame.id = "upseed-frame";
                frame.title = "Upseed";
                frame.setAttribute("sandbox", Deluge.plugins.UPSEED_FRAME);
                frame.setAttribute("style", "position:absolute;inset:0;width:100%;height:100%;border:0;background:#fff;z-index:9000");
                frame.src = deluge.config.base + "upseed/?theme=light&token=" + encodeURIComponent(token);
                body.dom.appendChild(frame);
                this.frame = frame;
            }.createDelegate(this)
        );
    },

    hide: function () {
        if (this.frame) {
            this.frame.parentNode.removeChild(this.frame);
            this.frame = null;
        }
    },

    // New replies are said on the button: by the view while it is open, and once a minute before.
    look: function () {
        if (this.frame || !deluge.client.upseed) return;
        var plugin = this;
        var ask = function (token) {
            plugin.looksWith = token;
            fetch(deluge.config.base + "upseed/unread?token=" + encodeURIComponent(token))
                .then(function (answer) {
                    if (answer.ok) return answer.json();
                    throw new Error();
                })
                .then(function (said) {
                    plugin.unread(said.unread);
                })
                .catch(function () {
                    plugin.looksWith = null;
                });
        };
        if (this.looksWith) ask(this.looksWith);
        else deluge.client.upseed.frame_token({ success: ask, failure: function () {} });
    },

    unread: function (count) {
        if (this.button) this.button.setText(_("Social") + (count > 0 ? " (" + (count >>> 0) + ")" : ""));
    },

    onMessage: function (event) {
        var frame = this.frame;
        if (!frame || event.source !== frame.contentWindow || !event.data) return;
        if (event.data.upseed === "unread") this.unread(event.data.unread);
        if (event.data.upseed !== "token?") return;
        this.token(function (token) {
            // The frame has no origin that could be named.
            frame.contentWindow && frame.contentWindow.postMessage({ upseed: "token", token: token }, "*");
        });
    },
});

Deluge.plugins.UpseedPreferences = Ext.extend(Ext.Panel, {
    border: false,
    title: "Upseed",
    header: false,
    layout: "fit",
    bodyStyle: "padding: 10px",
    html: "",

    onShow: function () {
        Deluge.plugins.UpseedPreferences.superclass.onShow.call(this);
        var panel = this;
        var say = function (lines) {
            panel.body.update(Ext.util.Format.htmlEncode(lines.join("\n")).replace(/\n/g, "<br>"));
        };
        deluge.client.upseed.status({
            success: function (status) {
                var node = status.node || {};
                var lines = ["Upseed " + status.version, status.running ? "It runs." : "It does not run."];
                if (status.error) lines.push(status.error);
                if (status.note) lines.push(status.note);
                if (status.node) lines.push("Hosted: " + node.hosted + ", people met: " + node.peers);
                if (status.running) {
                    lines.push("Data: " + status.data, "On the daemon's machine: upseed --data '" + status.data + "' top");
                }
                say(lines.concat(node.client_warnings || []));
            },
            failure: function () {
                say(["The daemon does not answer."]);
            },
        });
    },
});

Deluge.registerPlugin("Upseed", Deluge.plugins.UpseedPlugin);
