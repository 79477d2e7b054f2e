"use strict";

const form = document.getElementById("ask");
const field = document.getElementById("message");
const answers = document.getElementById("answers");
let thread = null;

function show(kind, className, text) {
  const element = document.createElement(kind);
  element.className = className;
  element.textContent = text;
  answers.append(element);
  element.scrollIntoView({ block: "nearest" });
}

async function ask(message) {
  const response = await fetch("/v1/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ message, thread_id: thread }),
  });
  const answer = await response.json();
  if (!response.ok) return answer.detail;
  thread = answer.thread_id;
  return answer.text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const message = field.value;
  field.value = "";
  show("p", "asked", message);
  try {
    show("pre", "answer", await ask(message));
  } catch {
    show("pre", "answer", "The service does not answer.");
  }
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    form.requestSubmit();
  }
});
