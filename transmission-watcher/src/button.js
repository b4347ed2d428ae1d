// The Social button of Transmission's web UI: 3.00's and 4.x's toolbars.
const toolbar = document.getElementById("toolbar") ?? document.querySelector(".mainwin-toolbar, #mainwin-toolbar");
