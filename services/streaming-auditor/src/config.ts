import { busSettings } from "@council/runtime";

export const settings = busSettings;
